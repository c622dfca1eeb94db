"""Read OLE compound files, the containers of old Office documents and of Outlook's messages."""

import struct
from typing import BinaryIO

from olefile import OleFileIO

MAX_STREAM = 1024 * 1024
"""Bytes of a stream that is read. olefile reads streams whole."""


def open_ole(source: BinaryIO) -> OleFileIO | None:
    """Open the container and read its allocation table and directory; return None if it is damaged."""
    try:
        return OleFileIO(source)
    except (OSError, ValueError, IndexError, TypeError, struct.error):
        return None


def read_stream(ole: OleFileIO, path: str) -> bytes:
    """Return a stream, empty if it is missing, damaged, or larger than MAX_STREAM."""
    try:
        if not ole.exists(path) or ole.get_size(path) > MAX_STREAM:
            return b""
        data: bytes = ole.openstream(path).read()
    except (OSError, TypeError):  # a stream whose sectors form a cycle, or a storage
        return b""
    return data


def read_beginning(ole: OleFileIO, name: str, length: int) -> bytes:
    """Return the first bytes, one sector at most, of a stream of any size in the root; none if it is missing."""
    entry = next((entry for entry in ole.root.kids if entry.name == name), None)
    if entry is None:
        return b""
    if entry.size < ole.minisectorcutoff:
        return read_stream(ole, name)[:length]
    ole.fp.seek((entry.isectStart + 1) * ole.sector_size)
    data: bytes = ole.fp.read(length)
    return data
