"""Correct what zipfile refuses in the directory of a zip, although other programs read it: names that are flagged
as UTF-8 and aren't, and extra fields that don't fit into their space."""

import struct
from io import SEEK_END, BufferedReader
from typing import BinaryIO, cast

from chalicelib.core.streams.reader import SeekableReader

_END = struct.Struct("<4x8xII2x")
"""The end record: the directory's size and offset. APPNOTE 4.3.16"""

_MAX_TAIL = 2**16 + _END.size
"""Bytes of the end record and the longest comment after it."""

_ENTRY = struct.Struct("<4s4xH18xHHH12x")
"""An entry's signature, flags, and the lengths of its name, extra field and comment. APPNOTE 4.3.12"""

_FLAGS = 8
"""The offset of the flags."""

_UTF_8_FLAG = 0x800
"""APPNOTE 4.4.4, bit 11"""

_FIELD = struct.Struct("<HH")
_UNKNOWN_FIELD = 0xFFFF


def repair_directory(source: BinaryIO, max_size: int) -> BinaryIO | None:
    """Return the file with its directory corrected; None if that isn't what is wrong with it, or the directory has
    more than `max_size` bytes."""
    size = source.seek(0, SEEK_END)
    source.seek(max(size - _MAX_TAIL, 0))
    tail = source.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or end + _END.size > len(tail):
        return None
    length, _ = _END.unpack_from(tail, end)
    start = size - len(tail) + end - length
    if start < 0 or length > max_size:
        return None
    source.seek(start)
    directory = bytearray(source.read(length))
    if not _repair_entries(directory):
        return None
    return cast(BinaryIO, BufferedReader(_Overlay(source, size, start, bytes(directory))))


def _repair_entries(directory: bytearray) -> bool:
    """Return whether anything had to be corrected."""
    repaired, position = False, 0
    while position + _ENTRY.size <= len(directory):
        signature, flags, name_length, extra_length, comment_length = _ENTRY.unpack_from(directory, position)
        if signature != b"PK\1\2":
            break
        name = position + _ENTRY.size
        extra = name + name_length
        if flags & _UTF_8_FLAG and not _is_utf_8(directory[name:extra]):
            struct.pack_into("<H", directory, position + _FLAGS, flags & ~_UTF_8_FLAG)
            repaired = True
        if not _fits(directory[extra : extra + extra_length]):
            _FIELD.pack_into(directory, extra, _UNKNOWN_FIELD, extra_length - _FIELD.size)
            repaired = True
        position = extra + extra_length + comment_length
    return repaired


def _is_utf_8(name: bytearray) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _fits(extra: bytearray) -> bool:
    position = 0
    while position + _FIELD.size <= len(extra):
        _, length = _FIELD.unpack_from(extra, position)
        position += _FIELD.size + length
        if position > len(extra):
            return False
    return True


class _Overlay(SeekableReader):
    """A file of which a part is replaced."""

    def __init__(self, source: BinaryIO, size: int, start: int, replacement: bytes) -> None:
        super().__init__(size)
        self._source, self._start, self._replacement = source, start, replacement

    def read_at(self, start: int, length: int) -> bytes:
        if self._start <= start < self._start + len(self._replacement):
            return self._replacement[start - self._start :][:length]
        self._source.seek(start)
        return self._source.read(min(length, self._start - start) if start < self._start else length)
