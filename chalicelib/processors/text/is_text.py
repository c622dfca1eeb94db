"""Distinguish text from binary data."""

from chalicelib.processors.text.encoding import decodes, encoding_of_bom
from chalicelib.processors.text.unmarked_unicode import detect_unmarked_unicode

_USUAL = b"\a\b\t\n\v\f\r\x1b"
"""Control characters of texts: white space, a terminal's bells and escape sequences, and the backspaces with which
manual pages are printed bold."""

_SHIFTS, _KOREAN = b"\x0e\x0f", b"\x1b$)C"
"""ISO 2022-KR shifts between alphabets with two more, and says so at its beginning. RFC 1557"""

_END_OF_FILE = b"\x1a"
"""CP/M and DOS ended texts with it, and filled the last block."""

_MAX_STRAY = 0.01
"""The share of bytes that may be other control characters, such as a zero byte that a program left behind."""

_MIN_LENGTH_WITH_STRAY = 16
"""In a shorter file, one such byte is too much."""

_MIN_ASCII_WITH_STRAY = 0.7
"""The share of printable ASCII in a text with such bytes that isn't UTF-8. Binary data has fewer."""


def is_text(head: bytes) -> bool:
    """Return whether a file's first bytes look like text, of any encoding.

    In an 8-bit encoding every byte above 127 may be a letter, so only control characters speak against text, if
    there are more than stray ones. A byte order mark alone makes no text.
    """
    encoding = encoding_of_bom(head) or detect_unmarked_unicode(head)
    if encoding is not None and encoding != "utf-8-sig":
        head = head.decode(encoding, "replace").encode("utf-8", "replace")
    return _has_few_controls(head.rstrip(_END_OF_FILE))


def _has_few_controls(head: bytes) -> bool:
    usual = _USUAL + _SHIFTS if _KOREAN in head else _USUAL
    stray = _count(head, bytes(set(range(32)) - set(usual)))
    if stray == 0:
        return True
    if len(head) < _MIN_LENGTH_WITH_STRAY or stray > max(1, len(head) * _MAX_STRAY):
        return False
    return _count(head, bytes(range(32, 127))) >= len(head) * _MIN_ASCII_WITH_STRAY or decodes(head, "utf-8")


def _count(data: bytes, values: bytes) -> int:
    """Return how many bytes have one of the values."""
    return len(data) - len(data.translate(None, values))
