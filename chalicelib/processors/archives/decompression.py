"""Decompress gzip, bzip2, xz and Zstandard in chunks."""

import bz2
import gzip
import lzma
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError
from chalicelib.core.streams.reader import Reader

if TYPE_CHECKING:
    from backports.zstd import ZstdDecompressor

MAX_DECOMPRESSED = 32 * 1024 * 1024
"""Bytes that are decompressed, and discarded, to learn how much a compressed file holds."""

_CHUNK = 64 * 1024
"""Bytes of contents that are decompressed at once."""

_COMPRESSED_CHUNK = 8 * 1024
"""Bytes of the compressed file that are read at once. A damaged file loses the contents of one chunk."""


class DecompressedReader(Reader):
    """Reads the contents of a compressed file, up to MAX_DECOMPRESSED bytes.

    Further reads raise BadContentError(RESOURCE_LIMIT_EXCEEDED). An exception is raised again by each further
    read, so that a damaged file never seems to have ended. `count` is the number of bytes decompressed so far.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._ahead = chunks, b""
        self._error: Exception | None = None
        self.count = 0

    def peek(self, size: int) -> bytes:
        """Return the first bytes, fewer if there are no more, and leave them to be read."""
        while len(self._ahead) < size and (chunk := self._next()):
            self._ahead += chunk
        return self._ahead[:size]

    def read_some(self, size: int) -> bytes:
        chunk = self._ahead or self._next()
        self._ahead = chunk[size:]
        return chunk[:size]

    def _next(self) -> bytes:
        if self.count > MAX_DECOMPRESSED:
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)
        if self._error is not None:
            raise self._error
        try:
            chunk = next(self._chunks, b"")
        except Exception as error:
            self._error = error
            raise
        self.count += len(chunk)
        return chunk


def _decompress_gzip(source: BinaryIO) -> Iterator[bytes]:
    with gzip.open(source) as contents:
        while chunk := contents.read1(_CHUNK):  # `read` would lose what precedes a damaged place
            yield chunk


def _decompress_streams(
    new_decompressor: "Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor | ZstdDecompressor]",
    source: BinaryIO,
) -> Iterator[bytes]:
    """Decompress one stream after the other. `bz2.open` and `lzma.open` treat a damaged second one as the end."""
    compressed = source.read(_COMPRESSED_CHUNK)
    while compressed:
        stream = new_decompressor()
        while not stream.eof:
            if chunk := stream.decompress(compressed, _CHUNK):
                yield chunk
            compressed = source.read(_COMPRESSED_CHUNK) if stream.needs_input else b""
            if stream.needs_input and not compressed:
                raise EOFError("it ends within a stream")
        compressed = _skip_padding(stream.unused_data or source.read(_COMPRESSED_CHUNK), source)


def load_zstd() -> ModuleType:
    """Return Python's module for Zstandard, which only such files need."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _decompress_zstd(source: BinaryIO) -> Iterator[bytes]:
    zstd = load_zstd()
    try:
        yield from _decompress_streams(zstd.ZstdDecompressor, source)
    except zstd.ZstdError as error:  # it has no codes
        raise (MemoryError if "memory" in str(error) else OSError)(str(error)) from error


def _skip_padding(compressed: bytes, source: BinaryIO) -> bytes:
    """Return the bytes from the first that isn't zero, or none. XZ file format 1.2.1, 2.2"""
    while compressed and not compressed.strip(b"\0"):
        compressed = source.read(_COMPRESSED_CHUNK)
    return compressed.lstrip(b"\0")


DECOMPRESSORS: dict[str, Callable[[BinaryIO], Iterator[bytes]]] = {
    "gzip": _decompress_gzip,
    "bzip2": partial(_decompress_streams, bz2.BZ2Decompressor),
    "xz": partial(_decompress_streams, lzma.LZMADecompressor),
    "zstd": _decompress_zstd,
}
"""By format: what yields a file's contents in chunks. It raises EOFError, OSError, zlib.error or lzma.LZMAError if
the file is damaged."""
