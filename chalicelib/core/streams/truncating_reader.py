"""A bounded file for libraries in C, which swallow exceptions."""

import io
from typing import BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError
from chalicelib.core.streams.reader import Reader


class TruncatingReader(Reader):
    """Ends where the bounded source refuses to be read any further; `truncated` says that it did."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.truncated = False

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._source.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._source.seek(offset, whence)

    def readall(self) -> bytes:
        return self.read_some(-1)

    def read_some(self, size: int) -> bytes:
        if self.truncated:
            return b""
        try:
            return self._source.read(size)
        except BadContentError as error:
            if error.kind is not RESOURCE_LIMIT_EXCEEDED:
                raise
            self.truncated = True
            return b""
