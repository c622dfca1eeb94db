"""The child's side of `isolation`. It loads little: each file that is read apart waits for it."""

import json
import resource
import struct
from importlib import import_module
from io import SEEK_SET, BufferedReader, RawIOBase
from multiprocessing.connection import Connection

from chalicelib.core.errors import BadContentError
from chalicelib.processors.shared.running import run

READY, READ, DONE, FAILED = b"b", b"r", b"d", b"f"
"""What a message asks for or tells; each has its own rest."""

RANGE = struct.Struct(">QQ")
LENGTH = struct.Struct(">Q")

_AT_ONCE = 64 * 1024
"""Bytes that cross the pipe at once, so that small reads don't each wait for the other process."""


def serve(pipe: int, module: str, function: str, size: int, seconds: int, memory: int) -> None:
    """Describe the file within limits, tell, and end."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    parent = Connection(pipe)
    import_module(module)
    parent.send_bytes(READY)  # whatever goes wrong from now on is the file's fault
    try:
        described = run(module, BufferedReader(_Piped(parent, size), _AT_ONCE), size, function)
    except BadContentError as fault:
        parent.send_bytes(FAILED + json.dumps([fault.kind.code, fault.fields], default=str).encode())
    else:
        thumbnail = described.thumbnail or b""
        facts = json.dumps(described.facts).encode()
        parent.send_bytes(DONE + LENGTH.pack(len(thumbnail)) + thumbnail + facts)


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
        self._parent.send_bytes(READ + RANGE.pack(self._position, min(len(buffer), self._size - self._position)))
        data = self._parent.recv_bytes()
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
