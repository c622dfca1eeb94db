"""Base classes for read-only binary streams."""

import errno
import io
from abc import abstractmethod


class Reader(io.RawIOBase):
    """A read-only stream. A subclass implements `read_some`.

    One implementation serves `read` and `readinto`, and `read` allocates nothing itself: `io.RawIOBase.read`
    would allocate as many bytes as the caller asks for, although the stream may be short or refuse to be read.
    """

    @abstractmethod
    def read_some(self, size: int) -> bytes:
        """Return the next bytes: at most `size`, at least one unless the stream has ended or `size` is 0."""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `size` bytes, perhaps fewer; without `size` all that are left."""
        return self.readall() if size is None or size < 0 else self.read_some(size)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names a private type
        data = self.read_some(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class SeekableReader(Reader):
    """A stream of `size` bytes with a position. A subclass implements `read_at`."""

    def __init__(self, size: int) -> None:
        self.size, self._position = size, 0

    @abstractmethod
    def read_at(self, start: int, length: int) -> bytes:
        """Return the bytes from `start` on: at most `length`, at least one. The range lies within the stream."""

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            # An OSError as for a file on disk, which zipfile expects, and a ValueError as for io.BytesIO.
            raise io.UnsupportedOperation(errno.EINVAL, f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def read_some(self, size: int) -> bytes:
        length = min(size, self.size - self._position)
        if length <= 0:
            return b""
        data = self.read_at(self._position, length)
        self._position += len(data)
        return data
