"""A part of a file as a file of its own."""

from typing import BinaryIO

from chalicelib.core.streams.reader import SeekableReader


class SliceReader(SeekableReader):
    """Reads the `size` bytes of a seekable file from `offset` on. Closing it leaves the file open."""

    def __init__(self, source: BinaryIO, offset: int, size: int) -> None:
        super().__init__(size)
        self._source, self._offset = source, offset

    def read_at(self, start: int, length: int) -> bytes:
        self._source.seek(self._offset + start)
        return self._source.read(length)
