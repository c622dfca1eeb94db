"""Read the directories of TIFF files, and of the raw files that most cameras build from them. TIFF 6.0, section 2

Only what is asked for is read: a tag's value may be as long as the file, and cameras store megabytes in some.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Literal

from msgspec import Struct

MAX_DIRECTORIES = 32
"""Directories of a file that are read. A camera writes up to eight."""

MAX_ENTRIES = 1024
"""Entries of a directory that are read. A camera writes about a hundred."""

MAX_TEXT = 1024
"""Bytes of a text that are read."""

NEW_SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 254, 256, 257, 258, 259, 262
MAKE, MODEL, STRIP_OFFSETS, ORIENTATION, STRIP_LENGTHS = 271, 272, 273, 274, 279
SUB_DIRECTORIES, JPEG_OFFSET, JPEG_LENGTH, EXIF_DIRECTORY = 330, 513, 514, 34665
"""Tags. TIFF 6.0, sections 8 and 22; TIFF Technical Note 1; EXIF 2.32, 4.6.3"""

SENSOR_DATA = {32803, 34892}
"""Photometric interpretations of a sensor's data: color filters, and linear raw. TIFF/EP 5.1 and DNG 1.7.1"""

_VERSIONS = {b"*\0", b"\0*", b"RO", b"RS", b"OR", b"U\0"}
"""TIFF's in both byte orders, those of Olympus, and Panasonic's."""

_NUMBERS = {1: "B", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d", 13: "I"}
"""The types of numbers, of which 5 and 10 are fractions."""

_TEXTS = {2, 129}
"""ASCII, and UTF-8 since EXIF 3.0."""

_BYTES_OF_A_BYTE = {1, 2, 6, 7, 129}

Role = Literal["picture", "sub", "exif"]


class _Entry(Struct, frozen=True):
    kind: int
    count: int
    value: bytes
    """Four bytes: the value, or where it is."""


class Directory:
    """One directory: the tags of a picture, or of the camera's settings (`exif`)."""

    def __init__(self, source: BinaryIO, base: int, order: str, role: Role, entries: dict[int, _Entry]) -> None:
        self.role, self.order = role, order
        self._source, self._base, self._entries = source, base, entries

    def __contains__(self, tag: int) -> bool:
        return tag in self._entries

    def numbers(self, tag: int, at_most: int = 4) -> list[float]:
        """Return the tag's first numbers; none if it is missing, truncated, or not numbers."""
        entry = self._entries.get(tag)
        if entry is None or entry.kind not in _NUMBERS:
            return []
        unpack = struct.Struct(self.order + _NUMBERS[entry.kind])
        data = self._read(entry, unpack.size, at_most)
        values = unpack.iter_unpack(data[: len(data) // unpack.size * unpack.size])
        if len(_NUMBERS[entry.kind]) == 1:
            return [number for (number,) in values]
        return [numerator / denominator for numerator, denominator in values if denominator]

    def number(self, tag: int) -> float | None:
        """Return the tag's first number, or None."""
        return next(iter(self.numbers(tag, 1)), None)

    def integer(self, tag: int) -> int:
        """Return the tag's first number as an integer, 0 if it is missing."""
        return int(self.number(tag) or 0)

    def text(self, tag: int) -> str | None:
        """Return the tag's text up to its first NUL, or None."""
        entry = self._entries.get(tag)
        if entry is None or entry.kind not in _TEXTS:
            return None
        data = self._read(entry, 1, MAX_TEXT).split(b"\0", 1)[0]
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("latin-1")

    def value(self, tag: int) -> str | float | None:
        """Return the tag's text or first number."""
        return self.text(tag) if tag in self and self._entries[tag].kind in _TEXTS else self.number(tag)

    def location(self, tag: int) -> tuple[int, int] | None:
        """Return the offset in the file and the length of a value that consists of bytes, or None."""
        entry = self._entries.get(tag)
        if entry is None or entry.kind not in _BYTES_OF_A_BYTE or entry.count <= len(entry.value):
            return None
        return self._offset(entry), entry.count

    def _offset(self, entry: _Entry) -> int:
        return self._base + int(struct.unpack(self.order + "I", entry.value)[0])

    def _read(self, entry: _Entry, item_size: int, at_most: int) -> bytes:
        length = item_size * min(entry.count, at_most)
        if item_size * entry.count <= len(entry.value):
            return entry.value[:length]
        self._source.seek(self._offset(entry))
        return self._source.read(length)


def read_directories(source: BinaryIO, base: int = 0) -> Iterator[Directory]:
    """Yield the directories of the TIFF that begins at `base`: the first, and then all that it leads to.

    Each is read once, and only when it is asked for. What isn't TIFF, or is truncated, has none.
    """
    source.seek(base)
    header = source.read(8)
    order = {b"II": "<", b"MM": ">"}.get(header[:2])
    if order is None or header[2:4] not in _VERSIONS or len(header) < 8:
        return
    (first,) = struct.unpack(order + "I", header[4:])
    yield from walk_directories(source, base, order, first)


def walk_directories(source: BinaryIO, base: int, order: str, first: int) -> Iterator[Directory]:
    """Yield the directory at `first`, and then all that it leads to. Offsets count from `base`."""
    found: list[tuple[int, Role]] = [(first, "picture")]
    position = 0
    while position < min(len(found), MAX_DIRECTORIES):
        offset, role = found[position]
        position += 1
        entries, following = _read_entries(source, base + offset, order)
        directory = Directory(source, base, order, role, entries)
        yield directory
        offsets: list[tuple[int, Role]] = [(following, role)] if role == "picture" else []
        offsets += [(int(sub), "sub") for sub in directory.numbers(SUB_DIRECTORIES, MAX_DIRECTORIES)]
        offsets += [(directory.integer(EXIF_DIRECTORY), "exif")]
        seen = {offset for offset, _ in found}
        found += [(offset, role) for offset, role in offsets if offset and offset not in seen]


def _read_entries(source: BinaryIO, offset: int, order: str) -> tuple[dict[int, _Entry], int]:
    """Return the entries by their tags, and the offset of the following directory, or 0."""
    source.seek(offset)
    begin = source.read(2)
    count = struct.unpack(order + "H", begin)[0] if len(begin) == 2 else 0
    data = source.read(min(count, MAX_ENTRIES) * 12 + 4)
    entries = {}
    for at in range(0, len(data) - 11, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", data, at)
        entries[tag] = _Entry(kind, length, data[at + 8 : at + 12])
    is_whole = count <= MAX_ENTRIES and len(data) == count * 12 + 4
    return entries, struct.unpack(order + "I", data[-4:])[0] if is_whole else 0
