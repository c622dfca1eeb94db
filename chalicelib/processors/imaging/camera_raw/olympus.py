"""Find the preview that Olympus' cameras put into their own part of the EXIF data, the maker note.
https://exiftool.org/TagNames/Olympus.html"""

from typing import BinaryIO

from chalicelib.processors.structures.tiff_directories import Directory, walk_directories

_MAKER_NOTE = 37500
_CAMERA_SETTINGS = 0x2020
_PREVIEW_OFFSET, _PREVIEW_LENGTH = 0x101, 0x102

_HEADERS = {b"OLYMPUS\0": 12, b"OM SYSTEM\0": 16}
"""What the maker note begins with, and where its directory is. Two letters before that say the byte order."""


def find_olympus_preview(source: BinaryIO, directories: list[Directory]) -> tuple[int, int] | None:
    """Return the offset and the length of the preview, or None. Offsets in the note count from its beginning."""
    for directory in directories:
        place = directory.location(_MAKER_NOTE)
        if place is None:
            continue
        start, _ = place
        source.seek(start)
        head = source.read(16)
        length = next((length for header, length in _HEADERS.items() if head.startswith(header)), None)
        if length is None:
            continue
        order = "<" if head[length - 4 : length - 2] == b"II" else ">"
        note = next(walk_directories(source, start, order, length))
        settings = next(walk_directories(source, start, order, note.integer(_CAMERA_SETTINGS)))
        if _PREVIEW_OFFSET in settings:
            return start + settings.integer(_PREVIEW_OFFSET), settings.integer(_PREVIEW_LENGTH)
    return None
