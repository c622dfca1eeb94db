"""Detect the type of a zip: a document, a book, a program. By its directory or, if that can't be read, by the
entries at its beginning."""

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile

from chalicelib.core.media_types.names import ZIP, essence
from chalicelib.processors.archives.zip import MAX_DIRECTORY, open_zip, read_part
from chalicelib.processors.detection.bounded_read import read_within_limits
from chalicelib.processors.detection.zip_entry_types import detect_by_names

_CONTENT_TYPES = "[Content_Types].xml"

_MAIN_PART = re.compile(
    r"""["'](?P<document>application/vnd\.(?:"""
    r"""openxmlformats-officedocument\.(?:wordprocessing|spreadsheet|presentation)ml\.[a-zA-Z.]{1,40}"""
    r"""|ms-visio\.[a-z]{1,20}(?P<macros>\.macroEnabled)?"""
    r"""|ms-[a-z]{1,20}\.[a-zA-Z.]{1,40}?(?P<enabled>\.macroEnabled)(?:Template)?))\.main(?:\+xml)?["']"""
)
"""The content type of an OOXML document's main part. Any file may list any type there: only known ones are
accepted. https://ecma-international.org/publications-and-standards/standards/ecma-376/ part 1, 8 to 11"""

_PACKAGES = {
    "application/vnd.ms-package.3dmanufacturing-3dmodel+xml": "model/3mf",
    "application/vnd.ms-package.xps-fixeddocumentsequence+xml": "application/vnd.ms-xpsdocument",
}
"""Other formats in packages like OOXML's, by a part's content type. 3MF Core 1.3, appendix C; ECMA-388"""

_MIMETYPE_ENTRIES = {
    "application/epub+zip",
    *(
        f"application/vnd.oasis.opendocument.{kind}{suffix}"
        for kind in ("text", "spreadsheet", "presentation", "graphics", "chart", "formula", "image")
        for suffix in ("", "-template")
    ),
    *(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text-master", "text-web", "database", "base")),
    "application/vnd.oasis.opendocument.text-master-template",
    *(f"application/vnd.sun.xml.{kind}" for kind in ("writer", "calc", "impress", "draw", "math")),
    *(f"application/vnd.sun.xml.{kind}.template" for kind in ("writer", "calc", "impress", "draw")),
    "application/vnd.adobe.indesign-idml-package",
    "application/vnd.etsi.asic-e+zip",
    "application/vnd.etsi.asic-s+zip",
    "application/x-krita",
    "image/openraster",
}
"""OpenDocument 1.3, part 3, appendix C; EPUB's OCF, 4.3; OpenOffice.org 1; ETSI EN 319 162-1; OpenRaster 0.0.6"""

_LOCAL_HEADER = struct.Struct("<8xH8xI4xHH")
"""An entry's method, packed size, and the lengths of its name and extra field. APPNOTE 4.3.7"""


def detect_zip_type(source: BinaryIO, size: int, head: bytes) -> str:
    """Return the media type of a zip: `application/zip` if it isn't a known kind of one.

    Raises the exceptions of the storage.
    """

    def read(bounded: BinaryIO) -> str | None:
        with open_zip(bounded, size) as archive:
            return _detect_by_directory(archive)

    return read_within_limits(source, size, read, None, limit=MAX_DIRECTORY) or _detect_by_beginning(head) or ZIP


def _detect_by_directory(archive: ZipFile) -> str:
    names = archive.namelist()
    if _CONTENT_TYPES in names:
        return _main_part_type(read_part(archive, _CONTENT_TYPES) or b"") or detect_by_names(names) or ZIP
    if "mimetype" in names and (media_type := _mimetype_entry(read_part(archive, "mimetype") or b"")):
        return media_type
    return detect_by_names(names) or ZIP


def _detect_by_beginning(head: bytes) -> str | None:
    """Return the type according to the entries that begin in the file's head: for a directory that was cut off, or
    is too large to be read. Contents are only read of an entry that is whole."""
    names = []
    for name, content in _iter_entries(head):
        if name == "mimetype" and (media_type := _mimetype_entry(content)):
            return media_type
        if name == _CONTENT_TYPES and (media_type := _main_part_type(content)):
            return media_type
        names.append(name)
    return detect_by_names(names)


def _iter_entries(head: bytes) -> Iterator[tuple[str, bytes]]:
    start = head.find(b"PK\x03\x04")
    while start >= 0:
        with suppress(struct.error, zlib.error):
            method, size, name_length, extra_length = _LOCAL_HEADER.unpack_from(head, start)
            name_end = start + _LOCAL_HEADER.size + name_length
            name, data = head[start + _LOCAL_HEADER.size : name_end], head[name_end + extra_length :]
            content = data[:size] if method == ZIP_STORED else _inflate(data, len(head) * 16)
            yield name.decode("utf-8", "replace"), content
        start = head.find(b"PK\x03\x04", start + 4)


def _inflate(data: bytes, max_length: int) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, max_length)


def _mimetype_entry(content: bytes) -> str | None:
    """Return the type in the entry that contains nothing else. OpenDocument 1.3, part 2, 3.3, and EPUB's OCF."""
    media_type = content[:100].decode("ascii", "replace").strip()
    return media_type if media_type in _MIMETYPE_ENTRIES else None


def _main_part_type(content_types: bytes) -> str | None:
    """Return the document's type: the main part's content type without its suffix."""
    text = content_types.decode("utf-8", "replace")
    main = _MAIN_PART.search(text)
    if main is None:
        return next((kind for part, kind in _PACKAGES.items() if f'"{part}"' in text or f"'{part}'" in text), None)
    document = main["document"].removesuffix("Template")
    return essence(f"{document}.12" if document.endswith("macroEnabled") else document)
