"""A range of a file as the body of a request."""

import os
from collections.abc import Callable
from io import RawIOBase
from threading import Event

from file_loader_client.sources import OpenSource


class StoppedError(Exception):
    """Another thread has ended the transfer."""


class PartReader(RawIOBase):
    """Reads a range of a source. A request that is tried again seeks back to its beginning."""

    def __init__(
        self, source: OpenSource, first: int, size: int, report: Callable[[int], None], stop: Event
    ) -> None:
        """Read `size` bytes from `first`. `report` is called with the number of bytes read, negative on the way
        back. Once `stop` is set, reading raises StoppedError."""
        self._source = source
        self._first = first
        self.size = size
        self._report = report
        self._stop = stop
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if self._stop.is_set():
            raise StoppedError
        rest = self.size - self._position
        count = rest if size < 0 else min(size, rest)
        block = self._source.read(self._first + self._position, count) if count else b""
        self._move_to(self._position + count)
        return block

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._move_to(base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def _move_to(self, position: int) -> None:
        change = position - self._position
        self._position = position
        if change:
            self._report(change)
