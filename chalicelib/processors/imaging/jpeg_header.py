"""Read JPEG's header. Pillow looks for it in all of a file, byte by byte. ITU-T T.81, annex B"""

from typing import BinaryIO

MAX_SEGMENTS = 256
"""Segments before the picture. Photographs have up to twenty; a large ICC profile takes some more."""

_START_OF_IMAGE, _START_OF_SCAN = b"\xff\xd8", 0xDA
_FRAMES = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive. Others, such as the lossless one of cameras, aren't widely decoded."""


def read_dimensions(source: BinaryIO) -> tuple[int, int] | None:
    """Return the width and height in pixels of a JPEG that can be decoded, or None."""
    dimensions = None
    source.seek(0)
    if source.read(2) != _START_OF_IMAGE:
        return None
    position = 2
    for _ in range(MAX_SEGMENTS):
        source.seek(position)
        segment = source.read(9)
        if len(segment) < 9 or segment[0] != 0xFF:
            return None
        if segment[1] == _START_OF_SCAN:
            return dimensions
        if segment[1] in _FRAMES:
            dimensions = int.from_bytes(segment[7:9]), int.from_bytes(segment[5:7])
        position += 2 + int.from_bytes(segment[2:4])
    return None
