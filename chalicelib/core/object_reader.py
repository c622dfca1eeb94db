"""An object in the storage as a seekable binary file."""

import io
from functools import lru_cache

from chalicelib.core.ports import Storage

BLOCK = 256 * 1024
"""Bytes fetched by one request: most files whole, and the head of any."""

KEPT_BLOCKS = 4
"""Enough to go back and forth between a file's head and its end without asking twice."""


class _RangedObject(io.RawIOBase):
    """Reads an object in aligned blocks, each one request, and keeps the last few."""

    def __init__(self, storage: Storage, key: str, size: int) -> None:
        self._storage, self._key, self._size, self._position = storage, key, size, 0
        self._block = lru_cache(KEPT_BLOCKS)(self._fetched_block)

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

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names a private type
        if self._position >= self._size:
            return 0
        number, start = divmod(self._position, BLOCK)
        data = self._block(number)[start : start + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _fetched_block(self, number: int) -> bytes:
        start = number * BLOCK
        return self._storage.read(self._key, start, min(BLOCK, self._size - start))


def open_object(storage: Storage, key: str, size: int) -> io.BufferedReader:
    """Return the object as a file. An object of at most BLOCK bytes is fetched by one request, an empty one
    by none. Reading raises what `Storage.read` raises."""
    return io.BufferedReader(_RangedObject(storage, key, size))
