"""A file's type, from its content: its first bytes, and for zips their directory."""

import codecs
import re
from contextlib import suppress
from typing import BinaryIO, cast
from zipfile import ZipFile

import puremagic

from chalicelib.core.bounded_reader import BoundedReader
from chalicelib.core.media_types import EMPTY, UNKNOWN, ZIP, essence
from chalicelib.processors.shared.signatures import by_signature
from chalicelib.processors.shared.structured_text import structure
from chalicelib.processors.shared.zips import MAX_DIRECTORY, SECONDS, open_zip, read_part

HEAD = 8192
"""Bytes looked at."""

_MARKUP = frozenset({"text/html", "application/xml", "application/rtf"})
"""Textual types with a signature long enough to trust."""

_DRAWING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?>(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\])?[^>]*+>)\s*)*+"
    rb"<(?:[a-zA-Z][\w.-]*:)?svg[\s/>]",
    re.DOTALL,
)
"""A document whose first element is `svg`: pages, style sheets and notes may hold one further down."""

_CONFIDENT = 0.3
"""puremagic's score for a signature of three bytes. Shorter ones (`MZ`) begin ordinary files too."""

_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

_MAIN_PARTS = ("wordprocessingml.", "spreadsheetml.", "presentationml.", "macroEnabled.main+xml")
"""What the content types of OOXML's main parts hold; `….main+xml` behind it makes it one.
https://ecma-international.org/publications-and-standards/standards/ecma-376/ part 1, 8 to 11"""


def detect(source: BinaryIO, size: int) -> str:
    """Return the media type that the content shows; `application/octet-stream` where it shows none."""
    source.seek(0)
    head = source.read(HEAD)
    if not head:
        return EMPTY
    found = by_signature(head)
    if found == ZIP:
        return _packed(source, size)
    if found is not None:
        return found
    signed = _by_puremagic(head)
    if not looks_like_text(head):
        return signed or UNKNOWN
    if _DRAWING.match(head):
        return "image/svg+xml"
    if b"<html" in head and signed == "application/xml":
        return "application/xhtml+xml"
    return signed if signed in _MARKUP else structure(head, whole=size <= len(head))


def looks_like_text(head: bytes) -> bool:
    """Tell whether the bytes read as text: a byte order mark, or no control characters but white space.

    A file in an old 8-bit encoding counts, so bytes above 127 say nothing.
    """
    if head.startswith(_BYTE_ORDER_MARKS):
        return True
    return not any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in head)


def _by_puremagic(head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    trusted = [match for match in matches if match.confidence >= _CONFIDENT and match.mime_type]
    return essence(trusted[0].mime_type) if trusted else None


def _packed(source: BinaryIO, size: int) -> str:
    """Tell what a zip really is. One whose directory can't be read is just a zip."""
    bounded = BoundedReader(source, size, limit=MAX_DIRECTORY, seconds=SECONDS)
    found = ZIP
    with (
        suppress(Exception),
        open_zip(cast(BinaryIO, bounded), size) as archive,
    ):  # hostile directories make zipfile raise anything
        found = _packed_format(archive)
    if bounded.fault is not None:
        raise bounded.fault
    return found


def _packed_format(archive: ZipFile) -> str:
    names = frozenset(archive.namelist())
    if "[Content_Types].xml" in names:
        return _office_open(read_part(archive, "[Content_Types].xml") or b"") or ZIP
    if "mimetype" in names:  # OpenDocument 1.3, part 2, 3.3, and EPUB's OCF
        declared = (read_part(archive, "mimetype") or b"")[:100].decode("ascii", "replace").strip()
        if declared.startswith("application/vnd.oasis.opendocument.") or declared == "application/epub+zip":
            return declared
    if "AndroidManifest.xml" in names:
        return "application/vnd.android.package-archive"
    return "application/java-archive" if "META-INF/MANIFEST.MF" in names else ZIP


def _office_open(content_types: bytes) -> str | None:
    """The main part's content type is the document's, with another ending."""
    for quoted in content_types.decode("utf-8", "replace").split('"'):
        if quoted.endswith(".main+xml") and any(mark in quoted for mark in _MAIN_PARTS):
            document = quoted.removesuffix(".main+xml")
            return essence(f"{document}.12" if document.endswith("macroEnabled") else document)
    return None
