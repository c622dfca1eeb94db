"""A file that stops a processor from reading too much."""

import io
import time
from typing import BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, STORAGE_UNAVAILABLE, BadContentError, ServiceError
from chalicelib.core.streams.object_reader import BLOCK
from chalicelib.core.streams.reader import SeekableReader


class BoundedReader(SeekableReader):
    """Reads a seekable file, at most `limit` bytes of it and for at most `seconds`.

    Counted is what the storage has to send: the blocks that contain the requested bytes, each once, however few
    bytes of it are requested. Further reads raise BadContentError(RESOURCE_LIMIT_EXCEEDED); a refused read
    allocates nothing.
    If the time was spent waiting for the source, reading raises ServiceError(STORAGE_UNAVAILABLE) instead.

    Libraries in C swallow exceptions and continue as if the file had ended. So the source's first exception is
    kept in `source_error`, where the caller of the library finds it.
    """

    def __init__(self, source: BinaryIO, size: int, *, limit: int, seconds: float) -> None:
        super().__init__(size)
        self._source = source
        self._limit, self._seconds = limit, seconds
        self._started, self._waited = time.monotonic(), 0.0
        self._blocks: set[int] = set()
        self._delivered = 0
        self.source_error: Exception | None = None

    def readall(self) -> bytes:
        """Return all bytes that are left, by one read of the source."""
        return self.read_some(self.size)

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size if size >= 0 else io.DEFAULT_BUFFER_SIZE)

    def read_at(self, start: int, length: int) -> bytes:
        self._charge(start, length)
        before = time.monotonic()
        try:
            self._source.seek(start)
            data = self._source.read(length)
        except Exception as error:
            self.source_error = self.source_error or error
            raise
        self._waited += time.monotonic() - before
        return data

    def _charge(self, start: int, length: int) -> None:
        first, last = start // BLOCK, (start + length - 1) // BLOCK
        if (last - first) * BLOCK <= self._limit:
            self._blocks.update(range(first, last + 1))
        self._delivered += length
        fetched = max(len(self._blocks), last - first) * BLOCK
        if fetched > self._limit + BLOCK or self._delivered > 4 * self._limit:
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)
        if time.monotonic() - self._started > self._seconds:
            if self._waited > self._seconds / 2:
                self.source_error = self.source_error or ServiceError(STORAGE_UNAVAILABLE)
                raise self.source_error
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)
