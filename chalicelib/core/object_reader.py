"""An object in the storage as a seekable binary file."""

import io

from chalicelib.core.ports import Storage

BLOCK = 256 * 1024
"""Bytes fetched by one request: most files whole, and the head of any."""


class _RangedObject(io.RawIOBase):
    """Reads an object in ranges, each one request; BufferedReader above it keeps the last block."""

    def __init__(self, storage: Storage, key: str, size: int) -> None:
        self._storage, self._key, self._size, self._position = storage, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readall(self) -> bytes:
        rest = max(self._size - self._position, 0)
        data = self._storage.read(self._key, self._position, rest) if rest else b""
        self._position += len(data)
        return data

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names a private type
        wanted = min(len(buffer), self._size - self._position)
        if wanted <= 0:
            return 0
        data = self._storage.read(self._key, self._position, wanted)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def open_object(storage: Storage, key: str, size: int) -> io.BufferedReader:
    """Return the object as a file. An object of at most BLOCK bytes is fetched by one request, an empty one
    by none. Reading raises what `Storage.read` raises."""
    return io.BufferedReader(_RangedObject(storage, key, size), BLOCK)
