"""Run a processor in a child process, for libraries that can't be stopped from within.

PDFium, MediaInfo and Pillow's codecs are C code that reads hostile files. A file may make them take any time and
memory, or crash; in a child, only the child is lost. The file is read in this process: the child requests ranges
over a pipe, so it needs no access to the storage. https://docs.python.org/3/library/resource.html describes the
limits.

Starting Python and loading a library takes a tenth of a second, so a fork server does it once and forks for each
file. `multiprocessing` has such a server, but it would load this process's main module, too.
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

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, STORAGE_UNAVAILABLE, BadContentError, ServiceError
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.sandbox.protocol import (
    DONE,
    EXITED,
    FAILED,
    RANGE,
    READY,
    decode_error,
    decode_result,
)

SECONDS = 20
"""Time limit of the child, by the clock and in processor time. A fallback gets as much again."""

MEMORY = 116 * 1024 * 1024
"""Bytes of data that the child may have in addition to what the fork server has loaded."""

_KILL_GRACE_SECONDS = 5
"""Time in which a child that was sent a signal has exited."""

_EXTERNAL_SIGNALS = {-signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
"""Exit codes that no file causes."""

_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from chalicelib.processors.sandbox.child import serve
serve(int(sys.argv[1]))
"""


class ForkServer:
    """Runs one child at a time. Concurrent threads wait for each other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._number = 0
        """Of the latest request. If waiting for its exit code is interrupted, the next request must ignore it."""

    def run(
        self, module_name: str, source: BinaryIO, size: int, media_type: str, function: str
    ) -> ProcessorResult:
        """Run a processor on a file in a child; `run_sandboxed` says what is returned and raised."""
        with self._lock:
            ours, theirs = Pipe()
            with ours:
                with theirs:  # so that the pipe ends when the child does
                    self._number += 1
                    self._request(theirs, self._number, module_name, function, size, media_type, SECONDS, MEMORY)
                session = _Session(ours, source)
                try:
                    result = session.result()
                finally:
                    ours.close()  # a child that still runs ends at its next read
                    exit_code = self._exit_code()
            if result is not None:
                return result
            if session.waited > SECONDS / 2:
                raise ServiceError(STORAGE_UNAVAILABLE)
            if not session.started or exit_code is None or exit_code in _EXTERNAL_SIGNALS:
                raise ChildProcessError(
                    f"{module_name} didn't start, or was ended from outside: exit code {exit_code}"
                )
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)

    def stop(self) -> None:
        """End the fork server. The next file starts another."""
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.kill()
            self._process.wait()
        self._control = self._process = None

    def _request(self, pipe: Connection, *arguments: str | int) -> None:
        request = json.dumps(arguments).encode()
        if self._control is not None:
            with suppress(ConnectionError):  # the server has exited
                socket.send_fds(self._control, [request], [pipe.fileno()])
                return
        self.stop()
        socket.send_fds(self._start(), [request], [pipe.fileno()])

    def _start(self) -> socket.socket:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(SECONDS + _KILL_GRACE_SECONDS)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _START, str(theirs.fileno()), json.dumps(sys.path)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,  # so that Ctrl-C doesn't end it before this process
            )
        return self._control

    def _exit_code(self) -> int | None:
        """Return the child's exit code, or None if the fork server has exited."""
        assert self._control is not None
        with suppress(ConnectionError, TimeoutError):
            while len(message := self._control.recv(EXITED.size)) == EXITED.size:
                number, exit_code = EXITED.unpack(message)
                if number == self._number:
                    return int(exit_code)
        self.stop()
        return None


class _Session:
    """The messages exchanged with one child."""

    def __init__(self, child: Connection, source: BinaryIO) -> None:
        self._child, self._source = child, source
        self.waited = 0.0
        """Seconds spent reading the source for the child."""
        self.started = False
        """The processor was loaded, and runs."""

    def result(self) -> ProcessorResult | None:
        """Serve the child's reads until it sends its result; return None if it exits without one. Raises the
        child's BadContentError."""
        while message := self._receive():
            kind, rest = message[:1], message[1:]
            if kind == DONE:
                return decode_result(rest)
            if kind == FAILED:
                raise decode_error(rest)
            if kind == READY:
                self.started = True
            else:
                data = self._read(*RANGE.unpack(rest))
                with suppress(ConnectionError):  # it has exited, as the next message shows
                    self._child.send_bytes(data)
        return None

    def _receive(self) -> bytes | None:
        with suppress(EOFError, OSError):  # it exited before a message, or in the middle of one
            return self._child.recv_bytes()
        return None

    def _read(self, start: int, length: int) -> bytes:
        before = time.monotonic()
        self._source.seek(start)
        data = self._source.read(length)
        self.waited += time.monotonic() - before
        return data


SERVER = ForkServer()


def run_sandboxed(
    module_name: str, source: BinaryIO, size: int, media_type: str, function: str = "describe"
) -> ProcessorResult:
    """Run a processor as `runner.run` does, in a child process that may use MEMORY and SECONDS.

    Raises BadContentError(RESOURCE_LIMIT_EXCEEDED) if the child uses them up or crashes,
    ServiceError(STORAGE_UNAVAILABLE) if the storage took the time, and ChildProcessError if the processor can't be
    loaded, or is ended from outside.
    """
    return SERVER.run(module_name, source, size, media_type, function)
