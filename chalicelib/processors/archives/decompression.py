"""What gzip, bzip2 and xz files hold, piece by piece."""

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError

MAX_UNPACKED = 32 * 1024 * 1024
"""Bytes that are unpacked, and thrown away, to learn how much a compressed file holds."""

_PIECE = 64 * 1024
_PACKED = 8 * 1024
"""Bytes that are read at once. What is lost of a damaged file is what so many unpack to."""


class Unpacked:
    """Reads what a compressed file holds, as far as MAX_UNPACKED bytes of it.

    Reading on raises BadContentError(RESOURCE_LIMIT_EXCEEDED). What was raised once is raised each time, so that a
    damaged file never seems to have ended. `count` is the number of bytes that could be unpacked so far.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._ahead = pieces, b""
        self._fault: Exception | None = None
        self.count = 0

    def peek(self, size: int) -> bytes:
        """Return the first bytes, fewer if there are no more, and leave them to be read."""
        while len(self._ahead) < size and (piece := self._next()):
            self._ahead += piece
        return self._ahead[:size]

    def read(self, size: int, /) -> bytes:
        """Return some bytes, at most `size`; none at the end."""
        piece = self._ahead or self._next()
        self._ahead = piece[size:]
        return piece[:size]

    def _next(self) -> bytes:
        if self.count > MAX_UNPACKED:
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)
        if self._fault is not None:
            raise self._fault
        try:
            piece = next(self._pieces, b"")
        except Exception as fault:
            self._fault = fault
            raise
        self.count += len(piece)
        return piece


def _gzip(source: BinaryIO) -> Iterator[bytes]:
    with gzip.open(source) as unpacked:
        while piece := unpacked.read1(_PIECE):  # `read` would lose what comes before a fault
            yield piece


def _streams(new: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor], source: BinaryIO) -> Iterator[bytes]:
    """Unpack one stream after the other. `bz2.open` and `lzma.open` take a damaged second one for the end."""
    packed = source.read(_PACKED)
    while packed:
        stream = new()
        while not stream.eof:
            if piece := stream.decompress(packed, _PIECE):
                yield piece
            packed = source.read(_PACKED) if stream.needs_input else b""
            if stream.needs_input and not packed:
                raise EOFError("it ends within a stream")
        packed = _without_padding(stream.unused_data or source.read(_PACKED), source)


def _without_padding(packed: bytes, source: BinaryIO) -> bytes:
    """Return the bytes from the first that isn't zero, or none. XZ file format 1.2.1, 2.2"""
    while packed and not packed.strip(b"\0"):
        packed = source.read(_PACKED)
    return packed.lstrip(b"\0")


FORMATS: dict[bytes, tuple[str, Callable[[BinaryIO], Iterator[bytes]]]] = {
    b"\x1f\x8b": ("gzip", _gzip),
    b"BZh": ("bzip2", partial(_streams, bz2.BZ2Decompressor)),
    b"\xfd7zXZ": ("xz", partial(_streams, lzma.LZMADecompressor)),
}
"""By how they begin: the name, and what unpacks such a file in pieces. It raises EOFError, OSError, zlib.error or
lzma.LZMAError where the file is damaged."""
