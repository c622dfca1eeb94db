"""The process's log lines, as the service writes them."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.adapters.json_log import log_as_json


@contextmanager
def json_log() -> Iterator[io.StringIO]:
    """Write the log, from INFO on, into the stream that this yields, and then again to where it went before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()  # or they would be closed
    stream = io.StringIO()
    log_as_json("INFO", stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the lines written so far, each of which must be a JSON object."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]
