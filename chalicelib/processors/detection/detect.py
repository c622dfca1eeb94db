"""Detect a file's media type from its content: its first bytes, and for zips their directory."""

import re
from typing import BinaryIO

import puremagic

from chalicelib.core.media_types.names import EMPTY, UNKNOWN, ZIP, essence
from chalicelib.processors.detection.signatures import ID3_HEADER, has_id3_tag, match_signature
from chalicelib.processors.detection.text_types import detect_text_type
from chalicelib.processors.detection.zip_types import detect_zip_type
from chalicelib.processors.text.is_text import is_text

HEAD = 8192
"""Bytes that are inspected."""

_MARKUP = frozenset({"text/html", "application/xml", "application/rtf"})
"""Textual types with a signature long enough to trust."""

_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?>(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\])?[^>]*+>)\s*)*+"
    rb"<(?:[a-zA-Z][\w.-]*:)?svg[\s/>]",
    re.DOTALL,
)
"""A document whose first element is `svg`: pages, style sheets and notes may hold one further down."""

_MIN_CONFIDENCE = 0.3
"""puremagic's score for a signature of three bytes. Shorter ones (`MZ`) begin ordinary files too."""

_PDF, _MAX_BEFORE_PDF = b"%PDF-", 1024
"""Readers accept so many bytes before a PDF's first line. ISO 32000-1, annex H.3, 13"""


def detect(source: BinaryIO, size: int) -> str:
    """Return the content's media type, or `application/octet-stream`."""
    source.seek(0)
    head = source.read(HEAD)
    if not head:
        return EMPTY
    by_head = match_signature(head)
    if by_head == ZIP:
        return detect_zip_type(source, size, head)
    if has_id3_tag(head):
        return _detect_behind_tag(source, head)
    if by_head is not None:
        return by_head
    by_magic = _by_puremagic(head)
    if not is_text(head):
        return "application/pdf" if _PDF in head[:_MAX_BEFORE_PDF] else by_magic or UNKNOWN
    if _SVG.match(head):
        return "image/svg+xml"
    if b"<html" in head and by_magic == "application/xml":
        return "application/xhtml+xml"
    return by_magic if by_magic in _MARKUP else detect_text_type(head, whole=size <= len(head))


def _detect_behind_tag(source: BinaryIO, head: bytes) -> str:
    """Return the type of what follows an ID3 tag, which formats other than MP3 may have, too.
    https://id3.org/id3v2.4.0-structure 3.1"""
    size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
    source.seek(ID3_HEADER + size)
    behind = match_signature(source.read(16))
    return behind if behind in {"audio/flac", "audio/aac"} else "audio/mpeg"


def _by_puremagic(head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    trusted = [match for match in matches if match.confidence >= _MIN_CONFIDENCE and match.mime_type]
    return essence(trusted[0].mime_type) if trusted else None
