"""A processor in a process of its own, for libraries that no limit can be set to from within.

PDFium, MediaInfo and Pillow's codecs are C that reads hostile files, and a file may let them take any time and
memory, or crash. In a child, that costs the child. The file is read here: the child asks for ranges over a pipe,
so it needs no way to the storage. https://docs.python.org/3/library/resource.html says what the limits do.
"""

import json
import subprocess
import sys
import time
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import BinaryIO

from chalicelib.core import errors
from chalicelib.core.described import Described
from chalicelib.core.errors import TOO_COSTLY, BadContentError, ErrorKind
from chalicelib.processors.shared.isolated import DONE, FAILED, LENGTH, RANGE

SECONDS = 20
"""For which the child may go on, on the clock and as processor time. It may be asked a second time, for less."""

MEMORY = 128 * 1024 * 1024
"""Bytes of data that the child may have. Its libraries' code comes on top, a few megabytes of which are loaded."""

_START = """
import json, sys
path, *arguments = json.loads(sys.argv[1])
sys.path[:] = path
from chalicelib.processors.shared.isolated import serve
serve(*arguments)
"""


def run_apart(module: str, source: BinaryIO, size: int, function: str = "describe") -> Described:
    """As `run`, in a child process that gets MEMORY and SECONDS.

    Raises BadContentError(TOO_COSTLY) where it uses them up or crashes.
    """
    ours, theirs = Pipe()
    arguments = json.dumps([sys.path, theirs.fileno(), module, function, size, SECONDS, MEMORY])
    with (
        ours,
        subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        ) as child,
    ):
        theirs.close()  # so that the pipe ends when the child does
        try:
            return _answer(ours, source)
        finally:
            child.kill()


def _answer(child: Connection, source: BinaryIO) -> Described:
    """Read for the child until it tells."""
    end = time.monotonic() + SECONDS
    while child.poll(max(end - time.monotonic(), 0)):
        try:
            message = child.recv_bytes()
        except (EOFError, ConnectionError):
            break  # it crashed
        kind, rest = message[:1], message[1:]
        if kind == DONE:
            (length,) = LENGTH.unpack(rest[: LENGTH.size])
            told = rest[LENGTH.size :]
            return Described(json.loads(told[length:]), told[:length] or None)
        if kind == FAILED:
            code, fields = json.loads(rest)
            raise BadContentError(_kind_of(code), **fields)
        start, length = RANGE.unpack(rest)
        source.seek(start)
        data = source.read(length)
        try:
            child.send_bytes(data)
        except ConnectionError:
            break
    raise BadContentError(TOO_COSTLY)


def _kind_of(code: str) -> ErrorKind:
    return next(kind for kind in vars(errors).values() if isinstance(kind, ErrorKind) and kind.code == code)
