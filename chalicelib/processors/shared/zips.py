"""Zip files: opened without letting their directory take the memory."""

import zlib
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from chalicelib.core.bounded_reader import BoundedReader

MAX_DIRECTORY = 4 * 1024 * 1024
"""Bytes of a directory that is read. One entry takes at least 47 of them, and some 700 in memory."""

MAX_PART = 1024 * 1024
"""Bytes that are unpacked of one part."""

SECONDS = 30


def open_zip(source: BinaryIO, size: int) -> ZipFile:
    """Return the archive with its directory read, which is in its last bytes.

    Raises BadContentError(TOO_COSTLY) for a directory of more than about MAX_DIRECTORY, and anything that zipfile
    stumbles over in a damaged one.
    """
    bounded = BoundedReader(source, size, limit=MAX_DIRECTORY, seconds=SECONDS)
    return ZipFile(cast(BinaryIO, bounded))


def read_part(archive: ZipFile, name: str) -> bytes | None:
    """Return the first MAX_PART bytes of a part, or None where it isn't there or can't be read.

    Only what office documents use is unpacked: the other methods unpack more than one asks for.
    """
    try:
        part = archive.getinfo(name)
        if part.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            return None
        with archive.open(part) as opened:
            return opened.read(MAX_PART)
    except (KeyError, BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        return None  # RuntimeError: it is encrypted
