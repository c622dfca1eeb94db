"""What a zip really is: a document, a book, a program. Its directory tells, or, where that can't be read, its
first entry."""

import re
import struct
import zlib
from contextlib import suppress
from typing import BinaryIO, cast
from zipfile import ZIP_STORED, ZipFile

from chalicelib.core.media_types.names import ZIP, essence
from chalicelib.core.streams.bounded_reader import BoundedReader
from chalicelib.processors.archives.zip import MAX_DIRECTORY, open_zip, read_part

SECONDS = 5

_CONTENT_TYPES = "[Content_Types].xml"

_MAIN_PART = re.compile(
    r"""["'](?P<document>application/vnd\.(?:"""
    r"""openxmlformats-officedocument\.(?:wordprocessing|spreadsheet|presentation)ml\.[a-zA-Z.]{1,40}"""
    r"""|ms-[a-z]{1,20}\.[a-zA-Z.]{1,40}macroEnabled))\.main\+xml["']"""
)
"""The content type of an OOXML document's main part. It stands in a list that is the file's own word: nothing else
may become a type. https://ecma-international.org/publications-and-standards/standards/ecma-376/ part 1, 8 to 11"""

_DECLARED = {
    "application/epub+zip",
    *(
        f"application/vnd.oasis.opendocument.{kind}{ending}"
        for kind in ("text", "spreadsheet", "presentation", "graphics", "chart", "formula", "image")
        for ending in ("", "-template")
    ),
    *(f"application/vnd.oasis.opendocument.{kind}" for kind in ("text-master", "text-web", "database", "base")),
    "application/vnd.oasis.opendocument.text-master-template",
}
"""OpenDocument 1.3, part 3, appendix C, and EPUB's OCF, 4.3"""

_LOCAL_HEADER = struct.Struct("<8xH8xI4xHH")
"""An entry's method, packed size, and the lengths of its name and extra field. APPNOTE 4.3.7"""


def packed_format(source: BinaryIO, size: int, head: bytes) -> str:
    """Return the media type of a file that begins like a zip: `application/zip` where it is nothing else.

    Raises the storage's own faults.
    """
    bounded = BoundedReader(source, size, limit=MAX_DIRECTORY, seconds=SECONDS)
    found = None
    with suppress(Exception), open_zip(cast(BinaryIO, bounded), size) as archive:
        found = _by_directory(archive)  # hostile directories make zipfile raise anything
    if bounded.fault is not None:
        raise bounded.fault
    return found or _by_first_entry(head) or ZIP


def _by_directory(archive: ZipFile) -> str:
    names = frozenset(archive.namelist())
    if _CONTENT_TYPES in names:
        return _office_open(read_part(archive, _CONTENT_TYPES) or b"") or ZIP
    if "mimetype" in names and (declared := _declared(read_part(archive, "mimetype") or b"")):
        return declared
    if "AndroidManifest.xml" in names:
        return "application/vnd.android.package-archive"
    return "application/java-archive" if "META-INF/MANIFEST.MF" in names else ZIP


def _by_first_entry(head: bytes) -> str | None:
    """Return what the first entry tells, if it is the one that documents begin with and is all in the file's head:
    for a directory that was cut off, or is too large to be read."""
    with suppress(struct.error, zlib.error):
        method, size, name_length, extra_length = _LOCAL_HEADER.unpack_from(head)
        at = _LOCAL_HEADER.size + name_length
        name, packed = head[_LOCAL_HEADER.size : at], head[at + extra_length :]
        content = packed[:size] if method == ZIP_STORED else _inflated(packed, len(head) * 16)
        if name == b"mimetype":
            return _declared(content)
        if name == _CONTENT_TYPES.encode():
            return _office_open(content)
    return None


def _inflated(packed: bytes, most: int) -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, most)


def _declared(mimetype: bytes) -> str | None:
    """OpenDocument 1.3, part 2, 3.3, and EPUB's OCF have an entry that holds nothing but the type."""
    declared = mimetype[:100].decode("ascii", "replace").strip()
    return declared if declared in _DECLARED else None


def _office_open(content_types: bytes) -> str | None:
    """The main part's content type is the document's, with another ending."""
    main = _MAIN_PART.search(content_types.decode("utf-8", "replace"))
    if main is None:
        return None
    document = main["document"]
    return essence(f"{document}.12" if document.endswith("macroEnabled") else document)
