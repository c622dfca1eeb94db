"""Text: encoding and lines."""

import codecs
import io
from typing import Any, BinaryIO

from charset_normalizer import from_bytes

VERSION = 1

SAMPLE = 64 * 1024
"""Bytes from which the encoding is told."""

COUNTED = 32 * 1024 * 1024
"""Bytes whose lines are counted; in a larger file the rest is taken to be like them."""

_CHARACTERS_AT_A_TIME = 64 * 1024


def describe(source: BinaryIO, size: int) -> dict[str, Any]:
    """Return `encoding` (Python's name for it), `lines`, and `lines_estimated`.

    A last line counts without a line's end too; `\\n`, `\\r\\n` and `\\r` end one.
    """
    encoding = detect_encoding(source.read(SAMPLE))
    source.seek(0)
    lines = _count_lines(source, encoding)
    if size > COUNTED:
        lines = round(lines * size / COUNTED)
    return {"encoding": encoding, "lines": lines, "lines_estimated": size > COUNTED}


def detect_encoding(sample: bytes) -> str:
    """Return `ascii`, `utf-8`, or what charset-normalizer makes of it; `latin-1`, which decodes anything, if
    it makes nothing of it."""
    for encoding in ("ascii", "utf-8"):
        if _decodes(sample, encoding):
            return encoding
    best = from_bytes(sample).best()
    return best.encoding.replace("_", "-") if best else "latin-1"


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)  # not the end: a character may be cut
    except UnicodeDecodeError:
        return False
    return True


def _count_lines(source: BinaryIO, encoding: str) -> int:
    head = io.BufferedReader(_Head(source, COUNTED))
    text = io.TextIOWrapper(head, encoding, errors="replace")  # turns every line's end into \n
    lines, last = 0, "\n"
    while chunk := text.read(_CHARACTERS_AT_A_TIME):
        lines += chunk.count("\n")
        last = chunk[-1]
    return lines + (last != "\n")


class _Head(io.RawIOBase):
    """The first bytes of a file; closing it leaves the file open."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        self._source, self._left = source, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names a private type
        data = self._source.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)
