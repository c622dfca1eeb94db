"""Read Sigma's X3F: sections with a directory at the file's end.
https://libopenraw.freedesktop.org/formats/x3f/"""

import struct
from typing import BinaryIO

from chalicelib.processors.imaging.camera_raw.picture import RawPicture, orientation_of

MAX_SECTIONS = 64

_HEADER = struct.Struct("<28xIII")
"""Width, height, and the degrees by which the picture has to be turned."""

_PICTURES = {b"IMAG", b"IMA2"}
_SECTION = struct.Struct("<4sIIIII")
"""Mark, version, use, format, width and height of a section's picture."""

_JPEG = 18
_BEFORE_PICTURE = 28


def read_x3f(source: BinaryIO, size: int) -> RawPicture:
    """Return the dimensions, and the JPEGs as previews. Newer cameras write EXIF data into these."""
    source.seek(0)
    width, height, degrees = _HEADER.unpack(source.read(_HEADER.size))
    source.seek(size - 4)
    source.seek(int.from_bytes(source.read(4), "little"))
    mark, _, count = struct.unpack("<4sII", source.read(12))
    entries = source.read(12 * min(count, MAX_SECTIONS)) if mark == b"SECd" else b""
    previews = []
    for offset, length, kind in struct.iter_unpack("<II4s", entries[: len(entries) // 12 * 12]):
        source.seek(offset)
        section = source.read(_SECTION.size) if kind in _PICTURES else b""
        if len(section) == _SECTION.size and _SECTION.unpack(section)[3] == _JPEG:
            previews.append((offset + _BEFORE_PICTURE, length - _BEFORE_PICTURE))
    return RawPicture(
        dimensions=(width, height) if width and height else None,
        orientation=orientation_of(degrees),
        previews=tuple(previews),
    )
