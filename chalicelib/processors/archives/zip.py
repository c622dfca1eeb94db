"""Open zip files without letting their directory exhaust the memory."""

import struct
import zlib
from io import SEEK_END
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError
from chalicelib.core.streams.bounded_reader import BoundedReader
from chalicelib.processors.archives.zip_repair import repair_directory
from chalicelib.processors.sandbox.runner import MAX_READ_WHOLE

MAX_FETCHED = 1024 * 1024
"""Bytes of an archive that are read, its directory and some parts, so that detection and processor together fetch
less than two mebibytes. A directory takes some 80 for an entry."""

MAX_DIRECTORY = 4 * 1024 * 1024
"""Bytes of the directory of an archive that may be read whole. One entry takes at least 47 of them,
and some 700 in memory."""

MAX_PART = 1024 * 1024
"""Bytes of one part that are decompressed."""

SECONDS = 30

_END = b"PK\5\6"
_END_64_LOCATOR = b"PK\6\7"
_END_64 = b"PK\6\6"
_IN_END_64 = 0xFFFF
"""A count with this value is in the larger record."""


def open_zip(source: BinaryIO, size: int) -> ZipFile:
    """Open the archive and read its directory, which is in its last bytes.

    Raises BadContentError(RESOURCE_LIMIT_EXCEEDED) for a directory that is too large, and any exception of zipfile
    for a damaged one.
    """
    limit = MAX_DIRECTORY if size <= MAX_READ_WHOLE else MAX_FETCHED
    bounded = cast(BinaryIO, BoundedReader(source, size, limit=limit, seconds=SECONDS))
    try:
        return ZipFile(bounded)
    except (BadZipFile, UnicodeDecodeError):
        repaired = repair_directory(bounded, limit)
        if repaired is None:
            raise
        return ZipFile(repaired)


def count_entries(source: BinaryIO) -> int | None:
    """Return the number of entries according to the archive's last record, without reading the directory; None
    if there is no such record. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.14 to 4.3.16"""
    tail_offset = max(source.seek(0, SEEK_END) - 2**16, 0)
    source.seek(tail_offset)
    tail = source.read()
    end = tail.rfind(_END)
    if end < 0 or end + 12 > len(tail):
        return None
    (count,) = struct.unpack_from("<H", tail, end + 10)
    locator = tail[max(end - 20, 0) : end]
    if count != _IN_END_64 or not locator.startswith(_END_64_LOCATOR):
        return int(count)
    (record_offset,) = struct.unpack_from("<Q", locator, 8)
    source.seek(record_offset)
    record = source.read(40)
    return int.from_bytes(record[32:], "little") if record.startswith(_END_64) else None


def read_part(archive: ZipFile, name: str, limit: int = MAX_PART) -> bytes | None:
    """Return the first `limit` bytes of a part, or None if it is missing or can't be read.

    Only the methods that office documents use are supported: the others decompress more than is requested.
    """
    try:
        part = archive.getinfo(name)
        if part.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            return None
        with archive.open(part) as opened:
            return opened.read(limit)
    except BadContentError as error:
        if error.kind is not RESOURCE_LIMIT_EXCEEDED:
            raise
        return None  # reading the directory has used up the limit
    except (KeyError, BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        return None  # RuntimeError: it is encrypted
