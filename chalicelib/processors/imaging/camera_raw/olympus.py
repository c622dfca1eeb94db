"""Find the previews that Olympus' cameras put into their own part of the EXIF data, the maker note.
https://exiftool.org/TagNames/Olympus.html"""

from typing import BinaryIO

from chalicelib.processors.structures.tiff_directories import Directory, walk_directories

_MAKER_NOTE = 37500
_THUMBNAIL = 0x100
_CAMERA_SETTINGS = 0x2020
_PREVIEW_OFFSET, _PREVIEW_LENGTH = 0x101, 0x102

_HEADERS = {b"OLYMPUS\0": 12, b"OM SYSTEM\0": 16}
"""What the maker note begins with, and where its directory is. Two letters before that say the byte order."""

_OLD_HEADER = b"OLYMP\0"
"""Its directory is at 8. Offsets count from the file's beginning, and there is a thumbnail alone."""


def find_olympus_previews(source: BinaryIO, directories: list[Directory], order: str) -> list[tuple[int, int]]:
    """Return the offset and the length of each preview. Offsets in the note count from its beginning."""
    for directory in directories:
        if (place := directory.location(_MAKER_NOTE)) is not None:
            return _read_note(source, place[0], order)
    return []


def _read_note(source: BinaryIO, start: int, order: str) -> list[tuple[int, int]]:
    source.seek(start)
    head = source.read(16)
    length = next((length for header, length in _HEADERS.items() if head.startswith(header)), None)
    if length is None:
        is_old = head.startswith(_OLD_HEADER)
        return _thumbnail(next(walk_directories(source, 0, order, start + 8))) if is_old else []
    order = "<" if head[length - 4 : length - 2] == b"II" else ">"
    note = next(walk_directories(source, start, order, length))
    settings = next(walk_directories(source, start, order, note.integer(_CAMERA_SETTINGS)))
    preview = start + settings.integer(_PREVIEW_OFFSET), settings.integer(_PREVIEW_LENGTH)
    return [*_thumbnail(note), *([preview] if _PREVIEW_OFFSET in settings else [])]


def _thumbnail(note: Directory) -> list[tuple[int, int]]:
    place = note.location(_THUMBNAIL)
    return [place] if place is not None else []
