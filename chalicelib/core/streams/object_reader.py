"""An object in the storage as a seekable binary file."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.core.errors import ObjectChangedError

if TYPE_CHECKING:
    from chalicelib.core.storage import Storage

BLOCK = 256 * 1024
"""Bytes fetched by one request: most files whole, and the head of any."""

KEPT_BLOCKS = 8
"""Enough to go back and forth between a file's head and its end without asking twice, and for a zip's directory,
which is read to tell the type and then to describe it."""


class RangedObject(io.RawIOBase):
    """Reads an object in aligned blocks, each one request, and keeps the last few.

    All blocks are of one and the same object: the one with the ETag that was given, or the one that the first
    block came from. An object of at most BLOCK bytes is fetched by one request, an empty one by none.
    Reading raises what `Storage.read` raises, and ObjectChangedError where the object hasn't the given size.
    """

    def __init__(self, storage: "Storage", key: str, size: int, etag: str | None = None) -> None:
        from fsspec import caching  # loads asyncio and more, which no route needs

        self.size, self.etag = size, etag
        self._storage, self._key, self._position = storage, key, 0
        self._blocks = caching.BlockCache(BLOCK, self._fetched, size, maxblocks=KEPT_BLOCKS)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names a private type
        if self._position >= self.size:
            return 0
        up_to = self._position - self._position % BLOCK + BLOCK
        data = self._blocks._fetch(self._position, min(up_to, self._position + len(buffer)))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def pieces(self, length: int) -> Iterator[bytes]:
        """Yield all of the object in pieces of so many bytes, each one request, of which none is kept. If it fits
        into a block, that one is the only piece."""
        if self.size <= BLOCK:
            yield self._blocks._fetch(0, self.size)
            return
        for start in range(0, self.size, length):
            yield self._fetched(start, start + length)

    def _fetched(self, start: int, end: int) -> bytes:
        piece = self._storage.read(self._key, start, min(end, self.size) - start, self.etag)
        if piece.size != self.size:
            raise ObjectChangedError
        self.etag = piece.etag
        return piece.data
