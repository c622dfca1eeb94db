"""The other side of `isolation`: a process that loads processors and forks for each file.

It runs nothing but this, so it has one thread, and to fork it is safe; what it has loaded, its children needn't.
"""

import json
import resource
import signal
import socket
import struct
from contextlib import suppress
from importlib import import_module
from io import SEEK_SET, BufferedReader, RawIOBase
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from traceback import print_exc

from chalicelib.core.errors import BadContentError
from chalicelib.processors.sandbox.runner import run

READY, READ, DONE, FAILED = b"b", b"r", b"d", b"f"
"""What a child's message tells or asks for; each has its own rest."""

RANGE = struct.Struct(">QQ")
LENGTH = struct.Struct(">Q")

ENDED = struct.Struct(">Qi")
"""What the server answers when a child has ended: the request's number, and how, negative for a signal."""

MAX_REQUEST = 4096

_AT_LEAST = 64 * 1024
"""Bytes that cross the pipe at once, so that small reads don't each wait for the other process."""

_AT_MOST = 1024 * 1024
"""Bytes of which there is a copy on either side while they cross."""


def serve(control: int) -> None:
    """Take requests until the other end is closed. Each is a number and the arguments of `describe_one` as JSON,
    with the child's pipe beside it."""
    with socket.socket(fileno=control) as requests:
        while True:
            request, handles, _, _ = socket.recv_fds(requests, MAX_REQUEST, 1)
            if not request:
                return
            number, *arguments = json.loads(request)
            with Connection(handles[0]) as pipe:
                exit_code = _ended(pipe, *arguments)
            with suppress(BrokenPipeError):  # nobody waits for it any more
                requests.sendall(ENDED.pack(number, exit_code))


def _ended(pipe: Connection, module: str, *rest: str | int) -> int:
    try:
        import_module(module)
    except Exception:  # noqa: BLE001  # whatever keeps it from being loaded; the next request may be for another
        print_exc()
        return 1
    child = get_context("fork").Process(target=describe_one, args=(pipe, module, *rest))
    child.start()
    pipe.close()  # so that it ends when the child does
    child.join()
    return child.exitcode or 0


def describe_one(pipe: Connection, module: str, function: str, size: int, seconds: int, memory: int) -> None:
    """Describe one file within limits, and tell. Whoever is too slow or computes too long gets a signal."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (_data() + memory,) * 2)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    pipe.send_bytes(READY)  # whatever goes wrong from now on is the file's fault
    try:
        described = run(module, BufferedReader(_Piped(pipe, size), _AT_LEAST), size, function)
    except (EOFError, ConnectionError):
        pass  # nobody listens any more
    except BadContentError as fault:
        pipe.send_bytes(FAILED + json.dumps([fault.kind.code, fault.fields], default=str).encode())
    else:
        thumbnail = described.thumbnail or b""
        facts = json.dumps(described.facts).encode()
        pipe.send_bytes(DONE + LENGTH.pack(len(thumbnail)) + thumbnail + facts)


def _data() -> int:
    """Return the bytes of data that this process has, as the limit counts them. proc_pid_statm(5)"""
    with suppress(FileNotFoundError), Path("/proc/self/statm").open() as counts:
        return int(counts.read().split()[5]) * resource.getpagesize()
    return 0  # not Linux


class _Piped(RawIOBase):
    """The file, as the child sees it."""

    def __init__(self, pipe: Connection, size: int) -> None:
        self._pipe, self._size, self._position = pipe, size, 0

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
        length = min(len(buffer), _AT_MOST, self._size - self._position)
        self._pipe.send_bytes(READ + RANGE.pack(self._position, length))
        data = self._pipe.recv_bytes()
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
