"""An object in the storage as a seekable binary file."""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.core.errors import ObjectChangedError
from chalicelib.core.streams.reader import SeekableReader

if TYPE_CHECKING:
    from chalicelib.core.storage import Storage  # not loaded by modules that only import BLOCK

BLOCK = 256 * 1024
"""Bytes fetched by one request: most files whole, and the head of any."""

MAX_CACHED_BLOCKS = 8
"""Enough to go back and forth between a file's head and its end without a second request, and for a zip's
directory, which is read to detect the type and then to describe the file."""


class ObjectReader(SeekableReader):
    """Reads an object in aligned blocks, each one request, and caches the most recently used ones.

    All blocks are of one and the same object: the one with the given ETag, or the one that the first block came
    from. An object of at most BLOCK bytes is fetched by one request, an empty one by none.
    Reading raises what `Storage.read` raises, and ObjectChangedError if the object's size isn't the given one.
    """

    def __init__(self, storage: "Storage", key: str, size: int, etag: str | None = None) -> None:
        super().__init__(size)
        self.etag = etag
        self._storage, self._key = storage, key
        self._block = lru_cache(MAX_CACHED_BLOCKS)(self._fetch_block)

    def read_at(self, start: int, length: int) -> bytes:
        number, offset = divmod(start, BLOCK)
        return self._block(number)[offset : offset + length]

    def iter_chunks(self, length: int) -> Iterator[bytes]:
        """Yield the whole object in chunks of `length` bytes, each one request. Chunks aren't cached, but an
        object that fits into a block is yielded as that block."""
        if 0 < self.size <= BLOCK:
            yield self._block(0)
            return
        for start in range(0, self.size, length):
            yield self._fetch(start, length)

    def _fetch_block(self, number: int) -> bytes:
        return self._fetch(number * BLOCK, BLOCK)

    def _fetch(self, start: int, length: int) -> bytes:
        piece = self._storage.read(self._key, start, min(length, self.size - start), self.etag)
        if piece.size != self.size:
            raise ObjectChangedError
        self.etag = piece.etag
        return piece.data
