"""A processor in a process of its own, for libraries that no limit can be set to from within.

PDFium and MediaInfo are C++ that reads hostile files, and a file may let them take any time and memory, or crash.
In a child, that costs the child. The file is read here: the child asks for ranges over a pipe, so it needs no way
to the storage. https://docs.python.org/3/library/resource.html says what the limits do.
"""

import json
import resource
import struct
import subprocess
import sys
import time
from io import SEEK_SET, BufferedReader, RawIOBase
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import BinaryIO

import msgspec

from chalicelib.core import errors
from chalicelib.core.described import Described
from chalicelib.core.errors import TOO_COSTLY, BadContentError, ErrorKind
from chalicelib.processors.shared.running import run

SECONDS = 20
"""For which the child may go on, on the clock and as processor time. It may be asked a second time, for less."""

MEMORY = 128 * 1024 * 1024
"""Bytes of data that the child may have. Its libraries' code comes on top, a few megabytes of which are loaded."""

_READ, _DONE, _FAILED = b"r", b"d", b"f"
_RANGE = struct.Struct(">QQ")
_AT_ONCE = 64 * 1024
"""Bytes that cross the pipe at once, so that small reads don't each wait for the other process."""

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from chalicelib.processors.shared.isolation import serve
serve(int(sys.argv[2]), *sys.argv[3:5], int(sys.argv[5]))
"""


def run_apart(module: str, source: BinaryIO, size: int, function: str = "describe") -> tuple[int, Described]:
    """As `run`, in a child process that gets MEMORY and SECONDS.

    Raises BadContentError(TOO_COSTLY) where it uses them up or crashes.
    """
    ours, theirs = Pipe()
    arguments = [json.dumps(sys.path), str(theirs.fileno()), module, function, str(size)]
    with (
        ours,
        subprocess.Popen(
            [sys.executable, "-I", "-c", _START, *arguments], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        ) as child,
    ):
        theirs.close()  # so that the pipe ends when the child does
        try:
            return _answer(ours, source)
        finally:
            child.kill()


def _answer(child: Connection, source: BinaryIO) -> tuple[int, Described]:
    """Read for the child until it tells."""
    end = time.monotonic() + SECONDS
    while child.poll(max(end - time.monotonic(), 0)):
        try:
            message = child.recv_bytes()
        except EOFError:
            break  # it crashed, or was refused memory
        kind, rest = message[:1], message[1:]
        if kind == _DONE:
            version, facts, thumbnail = msgspec.msgpack.decode(rest)
            return version, Described(facts, thumbnail)
        if kind == _FAILED:
            raise BadContentError(_kind_of(rest.decode()))
        start, length = _RANGE.unpack(rest)
        source.seek(start)
        child.send_bytes(source.read(length))
    raise BadContentError(TOO_COSTLY)


def _kind_of(code: str) -> ErrorKind:
    return next(kind for kind in vars(errors).values() if isinstance(kind, ErrorKind) and kind.code == code)


def serve(pipe: int, module: str, function: str, size: int) -> None:
    """Be the child: describe the file, tell, and end."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    parent = Connection(pipe)
    try:
        version, described = run(module, BufferedReader(_Piped(parent, size), _AT_ONCE), size, function)
    except BadContentError as fault:
        parent.send_bytes(_FAILED + fault.kind.code.encode())
    else:
        parent.send_bytes(_DONE + msgspec.msgpack.encode((version, described.facts, described.thumbnail)))


class _Piped(RawIOBase):
    """The file, as the child sees it."""

    def __init__(self, parent: Connection, size: int) -> None:
        self._parent, self._size, self._position = parent, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        assert whence == SEEK_SET, "the bounded reader seeks from the beginning"
        self._position = offset
        return offset

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names a private type
        self._parent.send_bytes(_READ + _RANGE.pack(self._position, min(len(buffer), self._size - self._position)))
        data = self._parent.recv_bytes()
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
