"""A file that stops a processor which reads too much."""

import errno
import io
import time
from typing import BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, STORAGE_UNAVAILABLE, BadContentError, ServiceError
from chalicelib.core.streams.object_reader import BLOCK


class BoundedReader(io.BufferedIOBase):
    """Reads a seekable file, at most so many bytes of it and for so long.

    Counted is what the storage has to send: the blocks in which bytes were asked for, each once, however few bytes
    of it. Reading on raises BadContentError(RESOURCE_LIMIT_EXCEEDED), and nothing is allocated for a read that is
    refused.
    Where the time went into waiting for the source, that is its fault: ServiceError(STORAGE_UNAVAILABLE).

    Libraries in C swallow what reading raises and go on as if the file had ended. So the first fault of the source
    stays in `fault` for whoever called the library.
    """

    def __init__(self, source: BinaryIO, size: int, *, limit: int, seconds: float) -> None:
        self._source, self._size, self._position = source, size, 0
        self._limit, self._seconds = limit, seconds
        self._begin, self._waited = time.monotonic(), 0.0
        self._seen: set[int] = set()
        self._delivered = 0
        self.fault: Exception | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, f"negative seek position {base + offset}")  # as a file on disk does
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        left = max(self._size - self._position, 0)
        length = left if size is None or size < 0 else min(size, left)
        if length == 0:
            return b""
        self._charge(length)
        before = time.monotonic()
        try:
            self._source.seek(self._position)
            data = self._source.read(length)
        except Exception as fault:
            self.fault = self.fault or fault
            raise
        self._waited += time.monotonic() - before
        self._position += len(data)
        return data

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size if size >= 0 else io.DEFAULT_BUFFER_SIZE)

    def _charge(self, length: int) -> None:
        first, last = self._position // BLOCK, (self._position + length - 1) // BLOCK
        if (last - first) * BLOCK <= self._limit:
            self._seen.update(range(first, last + 1))
        self._delivered += length
        fetched = max(len(self._seen), last - first) * BLOCK
        if fetched > self._limit + BLOCK or self._delivered > 4 * self._limit:
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)
        if time.monotonic() - self._begin > self._seconds:
            if self._waited > self._seconds / 2:
                self.fault = self.fault or ServiceError(STORAGE_UNAVAILABLE)
                raise self.fault
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)
