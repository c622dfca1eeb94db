"""Decode text: detect its encoding, and read its beginning."""

import codecs
import io
from typing import BinaryIO

from chalicelib.core.streams.limited_reader import LimitedReader
from chalicelib.processors.text.unmarked_unicode import detect_unmarked_unicode

SAMPLE = 64 * 1024
"""Bytes from which the encoding is detected."""

PREVIEW = 500
"""Characters."""

BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks. UTF-32's little-endian one begins like UTF-16's, and so comes first."""

MIN_NON_ASCII = 10
"""Bytes above 127 that are needed to distinguish 8-bit encodings. With fewer, the most common one is assumed."""

CANDIDATE_ENCODINGS = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]
"""The usual encodings of text files. A short text fits dozens of encodings, and rare ones would only be wrong."""


def encoding_of_bom(head: bytes) -> str | None:
    """Return the encoding that a byte order mark at the beginning names."""
    return next((encoding for bom, encoding in BOMS.items() if head.startswith(bom)), None)


def detect_encoding(sample: bytes, *, whole: bool) -> str:
    """Return the encoding of the byte order mark, of UTF-16 or UTF-32 without one, `ascii`, `utf-8`, or the one of
    CANDIDATE_ENCODINGS that charset-normalizer finds; `cp1252` if the sample is too short to decide.

    `whole` says that the sample is the whole text. Otherwise its last character may be cut, and what is ASCII so
    far may turn out to be UTF-8.
    """
    if (encoding := encoding_of_bom(sample) or detect_unmarked_unicode(sample)) is not None:
        return encoding
    if whole and sample.isascii():
        return "ascii"
    if decodes(sample, "utf-8", whole=whole):
        return "utf-8"
    if sum(byte > 127 for byte in sample) < MIN_NON_ASCII:
        return "cp1252"
    from charset_normalizer import from_bytes  # few texts get here

    best = from_bytes(sample, cp_isolation=CANDIDATE_ENCODINGS).best()
    return best.encoding.replace("_", "-") if best else "cp1252"


def decodes(sample: bytes, encoding: str, *, whole: bool = False) -> bool:
    """Return whether the bytes are valid in this encoding. `whole` as in `detect_encoding`."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def decode_head(head: bytes, *, whole: bool) -> str:
    """Return a file's first bytes as text, without a byte order mark. `whole` as in `detect_encoding`."""
    return head.decode(detect_encoding(head, whole=whole), "replace")


def detect_file_encoding(source: BinaryIO, size: int) -> str:
    """Return the file's encoding, and rewind the file."""
    source.seek(0)
    encoding = detect_encoding(source.read(SAMPLE), whole=size <= SAMPLE)
    source.seek(0)
    return encoding


def open_text(source: BinaryIO, encoding: str, limit: int, *, newline: str | None = None) -> io.TextIOWrapper:
    """Open the first `limit` bytes of a file as text. Undecodable bytes become U+FFFD. Closing the text leaves the
    file open. `newline` as in `open`."""
    beginning = io.BufferedReader(LimitedReader(source, limit))
    return io.TextIOWrapper(beginning, encoding, errors="replace", newline=newline)


def make_preview(text: str) -> str:
    """Return the text's beginning, fit for display: no control characters other than line ends and tabs."""
    return "".join(char for char in text[:PREVIEW] if char.isprintable() or char in "\n\t").strip()
