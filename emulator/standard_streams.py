"""Make standard input and output usable where they are closed, broken, or can't encode a character."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress


def open_missing_streams() -> None:
    """Open /dev/null as stdin, stdout or stderr where it is closed.

    Else the next file that is opened would get its number, and child processes would use it as their stream.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def escape_unencodable_characters() -> None:
    """Write `\\u…` for a character that the terminal's encoding lacks, instead of raising an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_line(line: str, on_broken_pipe: Callable[[], None]) -> None:
    """Print a line in one write, because several threads print. If the reader of stdout is gone, call the
    function. If it can't be written for another reason, such as a full disk, the line is lost.
    """
    try:
        print(f"{line}\n", end="", flush=True)  # noqa: T201  # a command-line program
    except BrokenPipeError:
        _discard_stdout()
        on_broken_pipe()
    except OSError:
        pass


def print_error(line: str) -> None:
    """Print a line to stderr, unless that is broken too."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)  # noqa: T201  # a command-line program


def _discard_stdout() -> None:
    """Let what is printed from now on, and what Python flushes at its end, go nowhere."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
