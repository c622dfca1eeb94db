"""A processor in a process of its own, for libraries that no limit can be set to from within.

PDFium, MediaInfo and Pillow's codecs are C that reads hostile files, and a file may let them take any time and
memory, or crash. In a child, that costs the child. The file is read here: the child asks for ranges over a pipe,
so it needs no way to the storage. https://docs.python.org/3/library/resource.html says what the limits do.

To start Python and load a library takes a tenth of a second, so a server does it once, and forks for each file.
`multiprocessing` has such a server, but it would load this process's main module, too.
"""

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Lock
from typing import BinaryIO

from chalicelib.core import errors
from chalicelib.core.errors import (
    RESOURCE_LIMIT_EXCEEDED,
    STORAGE_UNAVAILABLE,
    BadContentError,
    ErrorKind,
    ServiceError,
)
from chalicelib.core.processing.processor_result import Described
from chalicelib.processors.sandbox.child import DONE, ENDED, FAILED, LENGTH, RANGE, READY

SECONDS = 20
"""For which the child may go on, on the clock and as processor time. It may be asked a second time, for less."""

MEMORY = 116 * 1024 * 1024
"""Bytes of data that the child may have beside what the server has loaded."""

_GRACE = 5
"""Seconds in which a child that was sent a signal has ended."""

_FROM_OUTSIDE = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
"""Ends that no file brings about."""

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from chalicelib.processors.sandbox.child import serve
serve(int(sys.argv[1]))
"""


class Server:
    """Starts a child for one file after the other. Files of several threads wait for each other."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._number = 0
        """Of the latest request. Where waiting for an answer was interrupted, the next one must not take it."""

    def run(self, module: str, source: BinaryIO, size: int, function: str) -> Described:
        """As `run_apart`."""
        with self._turn:
            ours, theirs = Pipe()
            with ours:
                with theirs:  # so that the pipe ends when the child does
                    self._number += 1
                    self._request(theirs, self._number, module, function, size, SECONDS, MEMORY)
                dialogue = _Dialogue(ours, source)
                try:
                    answer = dialogue.answer()
                finally:
                    ours.close()  # a child that still wants something ends
                    exit_code = self._exit_code()
            if answer is not None:
                return answer
            if dialogue.waited > SECONDS / 2:
                raise ServiceError(STORAGE_UNAVAILABLE)
            if not dialogue.begun or exit_code is None or exit_code in _FROM_OUTSIDE:
                raise ChildProcessError(f"{module} didn't start, or was ended: exit code {exit_code}")
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)

    def stop(self) -> None:
        """End the server. The next file starts another."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
        self._control = self._process = None

    def _request(self, pipe: Connection, *arguments: str | int) -> None:
        request = json.dumps(arguments).encode()
        if self._control is not None:
            with suppress(ConnectionError):  # it was ended meanwhile
                socket.send_fds(self._control, [request], [pipe.fileno()])
                return
        self.stop()
        socket.send_fds(self._started(), [request], [pipe.fileno()])

    def _started(self) -> socket.socket:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(SECONDS + _GRACE)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _START, str(theirs.fileno()), json.dumps(sys.path)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,  # so that Ctrl-C ends it with us and not before
            )
        return self._control

    def _exit_code(self) -> int | None:
        """Return how the child ended, None where the server did."""
        assert self._control is not None
        with suppress(ConnectionError, TimeoutError):
            while len(told := self._control.recv(ENDED.size)) == ENDED.size:
                number, exit_code = ENDED.unpack(told)
                if number == self._number:
                    return int(exit_code)
        self.stop()
        return None


class _Dialogue:
    """What a child asks and tells."""

    def __init__(self, child: Connection, source: BinaryIO) -> None:
        self._child, self._source = child, source
        self.waited = 0.0
        """Seconds that went into reading for it."""
        self.begun = False
        """The processor was loaded and has begun."""

    def answer(self) -> Described | None:
        """Read for the child until it tells; return None where it ends without. Raises what it found at fault."""
        while message := self._received():
            kind, rest = message[:1], message[1:]
            if kind == DONE:
                return _told(rest)
            if kind == FAILED:
                code, fields = json.loads(rest)
                raise BadContentError(_kind_of(code), **fields)
            if kind == READY:
                self.begun = True
            else:
                data = self._read(*RANGE.unpack(rest))
                with suppress(ConnectionError):  # it has ended, which the next message will tell
                    self._child.send_bytes(data)
        return None

    def _received(self) -> bytes | None:
        with suppress(EOFError, OSError):  # it ended before a message, or in the middle of one
            return self._child.recv_bytes()
        return None

    def _read(self, start: int, length: int) -> bytes:
        before = time.monotonic()
        self._source.seek(start)
        data = self._source.read(length)
        self.waited += time.monotonic() - before
        return data


SERVER = Server()


def run_apart(module: str, source: BinaryIO, size: int, function: str = "describe") -> Described:
    """As `run`, in a child process that gets MEMORY and SECONDS.

    Raises BadContentError(RESOURCE_LIMIT_EXCEEDED) where it uses them up or crashes,
    ServiceError(STORAGE_UNAVAILABLE) where it was the storage that took the time, and ChildProcessError where the
    processor can't be loaded, or is ended by somebody else.
    """
    return SERVER.run(module, source, size, function)


def _told(rest: bytes) -> Described:
    (length,) = LENGTH.unpack(rest[: LENGTH.size])
    told = rest[LENGTH.size :]
    return Described(json.loads(told[length:]), told[:length] or None)


def _kind_of(code: str) -> ErrorKind:
    return next(kind for kind in vars(errors).values() if isinstance(kind, ErrorKind) and kind.code == code)
