"""A bounded file for libraries in C, which don't know exceptions."""

import io
from typing import BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError


class EndsEarly(io.BufferedIOBase):
    """Reads as if the file ended where reading on is too costly; `ended_early` tells that it did."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.ended_early = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._source.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._source.seek(offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        if self.ended_early:
            return b""
        try:
            return self._source.read(-1 if size is None else size)
        except BadContentError as fault:
            if fault.kind is not RESOURCE_LIMIT_EXCEEDED:
                raise
            self.ended_early = True
            return b""
