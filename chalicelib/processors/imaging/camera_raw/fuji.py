"""Read Fujifilm's RAF: a JPEG with all of the EXIF data, and a directory of its own for the sensor.
https://libopenraw.freedesktop.org/formats/raf/"""

import struct
from typing import BinaryIO

from chalicelib.processors.imaging.camera_raw.picture import RawPicture

_HEADER = struct.Struct(">84xIIII")
"""The offsets and lengths of the JPEG and of the directory."""

_MAX_DIRECTORY = 64 * 1024

_FULL_SIZE, _CROPPED_SIZE = 0x100, 0x111
"""Height and width, with and without the border."""


def read_raf(source: BinaryIO) -> RawPicture:
    """Return the dimensions, and the JPEG as preview."""
    source.seek(0)
    jpeg_at, jpeg_length, directory_at, directory_length = _HEADER.unpack(source.read(_HEADER.size))
    source.seek(directory_at)
    entries = _parse_directory(source.read(min(directory_length, _MAX_DIRECTORY)))
    size = entries.get(_CROPPED_SIZE) or entries.get(_FULL_SIZE)
    dimensions = (size[1], size[0]) if size and all(size) else None
    return RawPicture(dimensions=dimensions, previews=((jpeg_at, jpeg_length),))


def _parse_directory(data: bytes) -> dict[int, tuple[int, int]]:
    """Return the values that are two numbers, by their tags."""
    pairs, position = {}, 4
    for _ in range(int.from_bytes(data[:4])):
        if position + 4 > len(data):
            break
        tag, length = struct.unpack_from(">HH", data, position)
        value = data[position + 4 : position + 4 + length]
        if len(value) == length == 4:
            pairs[tag] = struct.unpack(">HH", value)
        position += 4 + length
    return pairs
