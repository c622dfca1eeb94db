"""Detect what an OLE compound file holds: an old Office document, a mail, an installer. By its root directory.

olefile reads the whole allocation table before the directory, which for a large file takes a dozen requests.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from msgspec import Struct

from chalicelib.core.media_types.names import OLE
from chalicelib.processors.detection.bounded_read import read_within_limits

_HEADER = struct.Struct("<30xH16xI16xI4x109I")
"""The size of a sector as a power of two, the first sector of the directory, that of the list which continues the
last one, and that list: the sectors of the allocation table. [MS-CFB] 2.2 and 2.5"""

_ENTRY = struct.Struct("<64sHBxIII16s32x")
"""A directory entry's name and its length, its type, its siblings and its child, and its class. [MS-CFB] 2.6"""

_MAX_DIRECTORY_SECTORS = 64
"""Sectors of the directory that are read: at least 256 entries."""

_BY_CLASS = {
    UUID(class_id).bytes_le: media_type
    for class_id, media_type in {
        "000c1082-0000-0000-c000-000000000046": "application/x-msi",
        "000c1084-0000-0000-c000-000000000046": "application/x-msi",
        "000c1086-0000-0000-c000-000000000046": "application/x-msi",
        "00021201-0000-0000-00c0-000000000046": "application/vnd.ms-publisher",
        "74b78f3a-c8c8-11d1-be11-00c04fb6faf1": "application/vnd.ms-project",
    }.items()
}
"""By the class of the root: Windows Installer's transforms, packages and patches, Publisher, Project."""

_BY_STREAM = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "PP40": "application/vnd.ms-powerpoint",
    "VisioDocument": "application/vnd.visio",
    "__properties_version1.0": "application/vnd.ms-outlook",
    "Quill": "application/vnd.ms-publisher",
    "MatOST": "application/vnd.ms-works",
    "HwpSummaryInformation": "application/x-hwp",
    "StarWriterDocument": "application/vnd.stardivision.writer",
    "StarCalcDocument": "application/vnd.stardivision.calc",
}
"""By the name of a stream or storage in the root: [MS-DOC] 2.1, [MS-XLS] 2.1.2, [MS-PPT] 2.1, [MS-OXMSG] 2.1, and
shared-mime-info 2.4"""

_BY_FIRST_SECTOR = {
    b"\xec\xa5\xc1\x00": "application/msword",
    b"\x09\x08\x10\x00\x00\x06\x05\x00": "application/vnd.ms-excel",
}
"""What usually follows the header, for a file whose directory is damaged. [MS-DOC] 2.5.1, [MS-XLS] 2.4.21"""


class _Entry(Struct, frozen=True):
    name: str
    siblings: tuple[int, int]
    child: int
    class_id: bytes


def detect_compound_file_type(source: BinaryIO, size: int, head: bytes) -> str:
    """Return the media type of an OLE compound file: `application/x-ole-storage` if it isn't a known kind of one.

    Raises the exceptions of the storage.
    """
    entries: list[_Entry] = []  # of a damaged directory, those before the damage
    read_within_limits(source, size, lambda bounded: entries.extend(_iter_entries(bounded, head)), None)
    media_type = _detect_by_directory(entries) if entries else None
    first_sector = (known for begin, known in _BY_FIRST_SECTOR.items() if head.startswith(begin, 512))
    return media_type or next(first_sector, OLE)


def _iter_entries(source: BinaryIO, head: bytes) -> Iterator[_Entry]:
    shift, sector, more, *table = _HEADER.unpack_from(head)
    length = 1 << shift
    for _ in range(_MAX_DIRECTORY_SECTORS):
        data = _read_sector(source, sector, length)
        if len(data) < length:
            return
        for name, name_length, _, left, right, child, class_id in _ENTRY.iter_unpack(data):
            characters = name[: max(name_length - 2, 0)].decode("utf-16-le", "replace")
            yield _Entry(characters, (left, right), child, class_id)
        number, place = divmod(sector, length // 4)
        while number >= len(table):
            *continued, more = struct.unpack(f"<{length // 4}I", _read_sector(source, more, length))
            table += continued
        (sector,) = struct.unpack_from("<I", _read_sector(source, table[number], length), place * 4)


def _read_sector(source: BinaryIO, sector: int, length: int) -> bytes:
    """Return a sector, or nothing after the file's end, where a chain's last mark points to."""
    source.seek((sector + 1) * length)
    return source.read(length)


def _detect_by_directory(entries: list[_Entry]) -> str | None:
    """Return the type by the root's class or its streams. An embedded document's are in another storage."""
    root = entries[0]
    if root.class_id in _BY_CLASS:
        return _BY_CLASS[root.class_id]
    names, seen, ahead = set(), set(), [root.child]
    while ahead:
        number = ahead.pop()
        if number < len(entries) and number not in seen:
            seen.add(number)
            names.add(entries[number].name)
            ahead += entries[number].siblings
    return next((media_type for name, media_type in _BY_STREAM.items() if name in names), None)
