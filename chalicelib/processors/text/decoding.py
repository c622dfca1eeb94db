"""Text out of bytes: which encoding, and how to read the head of it."""

import codecs
import io
from typing import BinaryIO

SAMPLE = 64 * 1024
"""Bytes from which the encoding is told."""

COUNTED = 32 * 1024 * 1024
"""Bytes whose lines or rows are counted; in a larger file the rest is taken to be like them."""

PREVIEW = 500
"""Characters."""

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
    from charset_normalizer import from_bytes  # few texts get here

    best = from_bytes(sample, cp_isolation=USUAL).best()
    return best.encoding.replace("_", "-") if best else "cp1252"


def encoding_of(source: BinaryIO, size: int) -> str:
    """Return the file's encoding and leave the file at its beginning."""
    source.seek(0)
    encoding = detect_encoding(source.read(SAMPLE), whole=size <= SAMPLE)
    source.seek(0)
    return encoding


def open_head(source: BinaryIO, encoding: str, length: int, *, newline: str | None = None) -> io.TextIOWrapper:
    """Return the first `length` bytes of a file as text. What can't be decoded becomes U+FFFD; closing it leaves
    the file open. `newline` as in `open`."""
    head = io.BufferedReader(Head(source, length))
    return io.TextIOWrapper(head, encoding, errors="replace", newline=newline)


def scaled(count: int, size: int, counted: int) -> tuple[int, bool]:
    """Return how many there are in the whole file, if so many are in its first `counted` bytes, and whether that
    is an estimate."""
    return (round(count * size / counted), True) if size > counted else (count, False)


def preview(text: str) -> str:
    """Return the text's beginning, fit to be shown: no control characters but line's ends and tabs."""
    return "".join(char for char in text[:PREVIEW] if char.isprintable() or char in "\n\t").strip()


def _decodes(sample: bytes, encoding: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return True


class Head(io.RawIOBase):
    """The first bytes of a file; closing it leaves the file open."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        self._source, self.left = source, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed names a private type
        data = self._source.read(min(len(buffer), self.left))
        buffer[: len(data)] = data
        self.left -= len(data)
        return len(data)
