"""Running a step of `python -m web` or `python -m web.check` as a program."""

import sys
from collections.abc import Callable

from web.errors import WebError
from web.npm import Report


def run_command(step: Callable[[Report], None]) -> int:
    """Call a step with what prints its progress. Return the exit code: 0, 1 for an error, 130 after Ctrl-C."""
    try:
        step(_print)
    except (WebError, OSError) as error:  # OSError: such as a checkout that can't be written, or a full disk
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  # a command line program
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _print(line: str) -> None:
    # Flushed, because downloading Node.js takes a while.
    print(line, flush=True)  # noqa: T201  # a command line program
