"""Read a text of unknown encoding as UTF-8."""

import codecs
import io
import re
from collections import deque
from typing import BinaryIO

from msgspec.structs import replace

from chalicelib.core.streams.limited_reader import LimitedReader
from chalicelib.core.streams.reader import Reader
from chalicelib.processors.text.encoding import Encoding, detect_encoding, encoding_of_bom

PIECE = 64 * 1024
"""Bytes that are read at once, and from which the encoding is detected."""

LOOK_AHEAD = 1024 * 1024
"""Bytes that are held in memory to find enough characters beyond ASCII."""

ENOUGH = 200
"""Bytes beyond ASCII that distinguish encodings well."""

_UTF_8 = ("utf-8", "utf-8-sig")

_BEYOND_ASCII = re.compile(rb"[\x00-\x7f]{0,100}[\x80-\xff][^\n]{0,2000}\n?")
"""A place in a text that isn't ASCII, with what surrounds it."""


class Utf8Reader(Reader):
    """The first `limit` bytes of a text, converted to UTF-8, without a byte order mark.

    While it is ASCII the encoding stays open, however far that goes. It is detected from the text around the first
    characters beyond ASCII. So a large text is read only once. What can't be decoded becomes U+FFFD; in UTF-8 it
    stays as it is, for the reader's reader to replace.
    """

    def __init__(self, source: BinaryIO, size: int, limit: int) -> None:
        source.seek(0)
        self._source = LimitedReader(source, limit)
        self._truncated = size > limit
        self._is_first = True
        self._encoding: Encoding | None = None
        self._decoder: codecs.IncrementalDecoder | None = None
        """Of an encoding other than ASCII. With UTF-8 it only looks for errors."""
        self._pieces: deque[bytes] = deque()
        """What has been looked at and not been read yet."""
        self._ready = b""
        """What has been converted and not been read yet."""

    @property
    def encoding(self) -> Encoding:
        """Return the encoding, as far as it is known from what has been read."""
        if self._encoding is None:  # nothing but ASCII
            return Encoding("ascii", guessed=self._truncated)
        return self._encoding

    def open(self, *, newline: str | None = None) -> io.TextIOWrapper:
        """Open it as text. `newline` as in `open`."""
        return io.TextIOWrapper(io.BufferedReader(self, PIECE), "utf-8", errors="replace", newline=newline)

    def read_some(self, size: int) -> bytes:
        while not self._ready:
            piece = self._next_piece()
            self._ready = self._convert(piece)
            if not piece:
                break
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _next_piece(self) -> bytes:
        return self._pieces.popleft() if self._pieces else self._source.read(PIECE)

    def _convert(self, piece: bytes) -> bytes:
        if self._encoding is None and (self._is_first or not piece.isascii()):
            self._detect(piece)
            if self._encoding is not None and self._encoding.name == "utf-8-sig":
                piece = piece.removeprefix(codecs.BOM_UTF8)
        self._is_first = False
        if self._encoding is None or self._decoder is None:
            return piece
        if self._encoding.name in _UTF_8:
            self._look_for_damage(piece)
            return piece
        return self._decoder.decode(piece, final=not piece).encode("utf-8", "replace")

    def _detect(self, piece: bytes) -> None:
        sample, ended = self._take_sample(piece)
        encoding = detect_encoding(sample, whole=ended and not self._truncated)
        if encoding.name == "ascii":
            return
        self._encoding = encoding
        errors = "strict" if encoding.name in _UTF_8 else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding.name or "ascii")(errors)

    def _take_sample(self, piece: bytes) -> tuple[bytes, bool]:
        """Return the piece or, if little of it is beyond ASCII, the lines that aren't ASCII, from as far as
        LOOK_AHEAD; and whether the text ends with it."""
        if not piece.isascii() and encoding_of_bom(piece) is None and b"\x00" not in piece:
            self._look_ahead(piece)
        if not self._pieces and (more := self._source.read(PIECE)):
            self._pieces.append(more)
        if _count_beyond_ascii(piece) in range(1, ENOUGH) and self._pieces:
            return b"".join(_BEYOND_ASCII.findall(piece + b"".join(self._pieces)))[:PIECE], False
        return piece, not self._pieces

    def _look_ahead(self, piece: bytes) -> None:
        pieces = [piece, *self._pieces]
        seen, beyond = sum(map(len, pieces)), sum(map(_count_beyond_ascii, pieces))
        while beyond < ENOUGH and seen < LOOK_AHEAD and (more := self._source.read(PIECE)):
            self._pieces.append(more)
            seen, beyond = seen + len(more), beyond + _count_beyond_ascii(more)

    def _look_for_damage(self, piece: bytes) -> None:
        assert self._decoder is not None
        assert self._encoding is not None
        if not self._encoding.damaged:
            try:
                self._decoder.decode(piece, final=not piece and not self._truncated)
            except UnicodeDecodeError:
                self._encoding = replace(self._encoding, damaged=True)


def _count_beyond_ascii(piece: bytes) -> int:
    return 0 if piece.isascii() else len(piece) - len(piece.translate(None, bytes(range(128, 256))))
