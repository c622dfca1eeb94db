"""The first bytes of a file."""

from typing import BinaryIO

from chalicelib.core.streams.reader import Reader


class LimitedReader(Reader):
    """Reads the next `limit` bytes of a file. Closing it leaves the file open."""

    def __init__(self, source: BinaryIO, limit: int) -> None:
        self._source, self._remaining = source, limit

    def read_some(self, size: int) -> bytes:
        data = self._source.read(min(size, self._remaining))
        self._remaining -= len(data)
        return data
