"""Read Minolta's MRW: blocks before the sensor's data, of which one is a TIFF.
https://exiftool.org/TagNames/MinoltaRaw.html"""

import struct
from typing import BinaryIO

from msgspec.structs import replace

from chalicelib.processors.imaging.camera_raw.picture import RawPicture
from chalicelib.processors.imaging.camera_raw.tiff_based import read_tiff_based

MAX_BLOCKS = 16

_TIFF, _SENSOR = b"\0TTW", b"\0PRD"
_SIZE = struct.Struct(">12xHH")
"""Height and width of the picture."""


def read_mrw(source: BinaryIO) -> RawPicture:
    """Return the facts in the blocks."""
    position, picture, dimensions = 8, RawPicture(), None
    for _ in range(MAX_BLOCKS):
        source.seek(position)
        header = source.read(8)
        if header.startswith(_SENSOR):
            height, width = _SIZE.unpack(source.read(_SIZE.size))
            dimensions = (width, height)
        elif header.startswith(_TIFF):
            picture = read_tiff_based(source, position + 8)
        elif not header.startswith(b"\0"):
            break
        position += 8 + int.from_bytes(header[4:])
    return replace(picture, dimensions=dimensions or picture.dimensions)
