"""A file's type, from its first bytes."""

import codecs
from typing import BinaryIO

import puremagic

from chalicelib.core.media_types import EMPTY, UNKNOWN, essence

HEAD = 8192
"""Bytes looked at."""

_CONTAINERS = {
    b"PK\x03\x04": "application/zip",
    b"PK\x05\x06": "application/zip",
    b"%PDF-": "application/pdf",
}
"""Signatures that puremagic gives to every format built on the container; which it is, the content tells."""

_CERTAIN = {b"\x7fELF": "application/x-executable", b"\x00\x00\x00\x0cjP  ": "image/jp2"}
"""Signatures that puremagic takes for something else."""

_MARKUP = frozenset({"text/html", "application/xml", "image/svg+xml", "application/rtf"})
"""Textual types with a signature long enough to trust."""

_CONFIDENT = 0.3
"""puremagic's score for a signature of three bytes. Shorter ones (`BM`, `MZ`) begin ordinary files too."""

_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def detect(source: BinaryIO) -> str:
    """Return the media type that the content shows; `application/octet-stream` where it shows none."""
    source.seek(0)
    head = source.read(HEAD)
    if not head:
        return EMPTY
    for signature, media_type in (_CONTAINERS | _CERTAIN).items():
        if head.startswith(signature):
            return media_type
    if _is_bitmap(head):
        return "image/bmp"
    signed = _by_signature(head)
    if looks_like_text(head):
        if b"<svg" in head and signed in {None, "application/xml", "image/svg+xml"}:
            return "image/svg+xml"
        return signed if signed in _MARKUP else "text/plain"
    return signed or UNKNOWN


def _is_bitmap(head: bytes) -> bool:
    """Two letters are no proof, but the size of the header that follows is one of few.
    https://en.wikipedia.org/wiki/BMP_file_format"""
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in {12, 40, 52, 56, 64, 108, 124}


def looks_like_text(head: bytes) -> bool:
    """Tell whether the bytes read as text: a byte order mark, or no control characters but white space.

    A file in an old 8-bit encoding counts, so bytes above 127 say nothing.
    """
    if head.startswith(_BYTE_ORDER_MARKS):
        return True
    return not any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in head)


def _by_signature(head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    trusted = [match for match in matches if match.confidence >= _CONFIDENT and match.mime_type]
    return essence(trusted[0].mime_type) if trusted else None
