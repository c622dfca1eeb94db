"""A processor in a process of its own, for libraries that no limit can be set to from within.

PDFium, MediaInfo and Pillow's codecs are C that reads hostile files, and a file may let them take any time and
memory, or crash. In a child, that costs the child. The file is read here: the child asks for ranges over a pipe,
so it needs no way to the storage. https://docs.python.org/3/library/resource.html says what the limits do.
"""

import json
import signal
import subprocess
import sys
import time
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import BinaryIO

from chalicelib.core import errors
from chalicelib.core.described import Described
from chalicelib.core.errors import STORAGE_UNAVAILABLE, TOO_COSTLY, BadContentError, ErrorKind, ServiceError
from chalicelib.processors.shared.isolated import DONE, FAILED, LENGTH, RANGE, READY

SECONDS = 20
"""For which the child may go on, on the clock and as processor time. It may be asked a second time, for less."""

MEMORY = 128 * 1024 * 1024
"""Bytes of data that the child may have. Its libraries' code comes on top, a few megabytes of which are loaded."""

_END = 5
"""Seconds that a process may take to end whose pipe has ended."""

_FROM_OUTSIDE = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
"""Ends that no file brings about."""

_START = """
import json, sys
path, *arguments = json.loads(sys.argv[1])
sys.path[:] = path
from chalicelib.processors.shared.isolated import serve
serve(*arguments)
"""


def run_apart(module: str, source: BinaryIO, size: int, function: str = "describe") -> Described:
    """As `run`, in a child process that gets MEMORY and SECONDS.

    Raises BadContentError(TOO_COSTLY) where it uses them up or crashes, ServiceError(STORAGE_UNAVAILABLE) where it
    was the storage that took the time, and ChildProcessError where the processor can't be loaded, or is ended by
    somebody else.
    """
    ours, theirs = Pipe()
    arguments = json.dumps([sys.path, theirs.fileno(), module, function, size, SECONDS, MEMORY])
    with (
        ours,
        subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            process_group=0,  # so that Ctrl-C ends it with us and not before
        ) as child,
    ):
        theirs.close()  # so that the pipe ends when the child does
        try:
            ready, answer = _answer(ours, source)
            if answer is not None:
                return answer
            if not ready or child.wait(_END) in _FROM_OUTSIDE:
                raise ChildProcessError(f"{module} didn't start, or was ended: exit code {child.wait(_END)}")
            raise BadContentError(TOO_COSTLY)
        finally:
            child.kill()


def _answer(child: Connection, source: BinaryIO) -> tuple[bool, Described | None]:
    """Read for the child until it tells; return whether it began at all, and what it told if it didn't crash."""
    begin, waited, ready = time.monotonic(), 0.0, False
    while child.poll(max(begin + SECONDS - time.monotonic(), 0)):
        try:
            message = child.recv_bytes()
            kind, rest = message[:1], message[1:]
            if kind == READY:
                ready = True
                continue
            if kind == DONE:
                (length,) = LENGTH.unpack(rest[: LENGTH.size])
                told = rest[LENGTH.size :]
                return ready, Described(json.loads(told[length:]), told[:length] or None)
            if kind == FAILED:
                code, fields = json.loads(rest)
                raise BadContentError(_kind_of(code), **fields)
        except (EOFError, ConnectionError):
            return ready, None
        start, length = RANGE.unpack(rest)
        before = time.monotonic()
        source.seek(start)
        data = source.read(length)
        waited += time.monotonic() - before
        try:
            child.send_bytes(data)
        except ConnectionError:
            return ready, None
    raise ServiceError(STORAGE_UNAVAILABLE) if waited > SECONDS / 2 else BadContentError(TOO_COSTLY)


def _kind_of(code: str) -> ErrorKind:
    return next(kind for kind in vars(errors).values() if isinstance(kind, ErrorKind) and kind.code == code)
