"""What is uploaded: a path, bytes or a stream, as bytes that can be read at any position by several threads."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, TextIOBase
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO, BinaryIO

from file_loader_client.checksum import BLOCK_BYTES
from file_loader_client.errors import SourceChangedError

Source = Path | str | bytes | BinaryIO
"""What to upload: the path of a file, its bytes, or a file opened in binary mode, from where it stands."""

MAX_SPOOLED_BYTES = 8 * 1024 * 1024
"""A stream that can't seek is kept in memory up to this size, and in a temporary file above it."""


class OpenSource:
    """The bytes to upload, of known size."""

    def __init__(self, file: IO[bytes], name: str, first: int = 0) -> None:
        """Take the bytes of `file` from the position `first` to its end."""
        self.name = name
        self._file = file
        self._first = first
        self._lock = Lock()
        self._state = self._read_state()
        self.size = max(file.seek(0, os.SEEK_END) - first, 0)

    def read(self, position: int, count: int) -> bytes:
        """Return `count` bytes at a position. Raises SourceChangedError if there are fewer."""
        with self._lock:
            self._file.seek(self._first + position)
            block = self._file.read(count)
        if len(block) < count:
            raise SourceChangedError(f"{self.name} became shorter while it was uploaded")
        return block

    def check_unchanged(self) -> None:
        """Raise SourceChangedError if the file has another size or modification time than in the beginning."""
        if self._read_state() != self._state:
            raise SourceChangedError(f"{self.name} was changed while it was uploaded")

    def blocks(self) -> Iterator[bytes]:
        """Yield all of the bytes."""
        for position in range(0, self.size, BLOCK_BYTES):
            yield self.read(position, min(BLOCK_BYTES, self.size - position))

    def _read_state(self) -> tuple[int, int] | None:
        """Return what changes with the file; None if it isn't one of the file system."""
        try:
            status = os.fstat(self._file.fileno())
        except (AttributeError, OSError):
            return None
        return status.st_size, status.st_mtime_ns


@contextmanager
def open_source(source: Source, name: str | None) -> Iterator[OpenSource]:
    """Open what is to be uploaded. Raises ValueError if it has no name and none is given, and OSError."""
    if isinstance(source, Path | str):
        path = Path(source)
        with path.open("rb") as file, _seekable(file) as seekable:
            yield OpenSource(seekable, name or path.name)
    elif isinstance(source, bytes):
        yield OpenSource(BytesIO(source), _required(name))
    else:
        if isinstance(source, TextIOBase):
            raise TypeError("a stream to upload has to be open in binary mode")
        found = getattr(source, "name", None)
        name = name or (Path(found).name if isinstance(found, str) else None)
        with _seekable(source) as seekable:
            yield OpenSource(seekable, _required(name), seekable.tell())


def _required(name: str | None) -> str:
    if not name:
        raise ValueError("the upload needs a name")
    return name


@contextmanager
def _seekable(file: BinaryIO) -> Iterator[IO[bytes]]:
    """Yield the file, or a copy of the rest of it if it can't seek, as a pipe can't."""
    if file.seekable():
        yield file
    else:
        with SpooledTemporaryFile(MAX_SPOOLED_BYTES) as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield copy
