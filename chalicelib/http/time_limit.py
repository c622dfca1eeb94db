"""The time that a request's work may take."""

import time
from collections.abc import Callable
from datetime import timedelta


def count_down(limit: timedelta) -> Callable[[], timedelta]:
    """Return a function that returns what is left of this time, which begins now."""
    end = time.monotonic() + limit.total_seconds()
    return lambda: timedelta(seconds=end - time.monotonic())
