"""Text: encoding and lines."""

import codecs
import io
from typing import Any, BinaryIO

from charset_normalizer import from_bytes

VERSION = 1

SAMPLE = 64 * 1024
"""Bytes from which the encoding is told."""

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks; UTF-32's little-endian one begins like UTF-16's, and so comes first."""

TELLING = 10
"""Bytes above 127 that it takes to tell one 8-bit encoding from another. With fewer, the commonest is named."""

USUAL = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]
"""What text files are in. A short text fits dozens of encodings, and the rare ones would only be wrong."""

COUNTED = 32 * 1024 * 1024
"""Bytes whose lines are counted; in a larger file the rest is taken to be like them."""

_CHARACTERS_AT_A_TIME = 64 * 1024


def describe(source: BinaryIO, size: int) -> dict[str, Any]:
    """Return `encoding` (Python's name for it), `lines`, and `lines_estimated`.

    A last line counts without a line's end too; `\\n`, `\\r\\n` and `\\r` end one.
    """
    encoding = detect_encoding(source.read(SAMPLE), whole=size <= SAMPLE)
    source.seek(0)
    lines = _count_lines(source, encoding)
    if size > COUNTED:
        lines = round(lines * size / COUNTED)
    return {"encoding": encoding, "lines": lines, "lines_estimated": size > COUNTED}


def detect_encoding(sample: bytes, *, whole: bool) -> str:
    """Return the encoding of the byte order mark, `ascii`, `utf-8`, or which of the USUAL encodings
    charset-normalizer takes it for; `cp1252` if there is too little to tell by.

    `whole` says that nothing follows the sample. Otherwise its last character may be cut, and what is ASCII so far
    may turn out to be UTF-8.
    """
    for mark, encoding in MARKS.items():
        if sample.startswith(mark):
            return encoding
    if whole and sample.isascii():
        return "ascii"
    if _decodes(sample, "utf-8", whole):
        return "utf-8"
    if sum(byte > 127 for byte in sample) < TELLING:
        return "cp1252"
    best = from_bytes(sample, cp_isolation=USUAL).best()
    return best.encoding.replace("_", "-") if best else "cp1252"


def _decodes(sample: bytes, encoding: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=whole)
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
