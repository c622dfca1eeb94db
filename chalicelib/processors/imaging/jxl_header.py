"""Read JPEG XL's header. Pillow doesn't decode it. ISO/IEC 18181-1, D.2 and D.3, and 18181-2, 9"""

from typing import BinaryIO

from chalicelib.processors.structures.iso_boxes import iter_boxes

_CODESTREAM = b"\xff\x0a"
_CODESTREAM_BOXES = {b"jxlc": 0, b"jxlp": 4}
"""Boxes with the image, or the first part of it, and the bytes before that."""

_HEADER = 32
"""Bytes that are enough for the image's size and orientation."""

_LARGE = (9, 13, 18, 30)
"""Bits of a length in pixels, less one, of four kinds."""

_RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Width to height, of kinds 1 to 7."""


class _Bits:
    """Reads numbers from bytes, the lowest bit first."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "little"), 8 * len(data)

    def read(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the header of the JPEG XL is cut off")
        number = self._value & (1 << count) - 1
        self._value >>= count
        self._left -= count
        return number


def read_header(source: BinaryIO, size: int) -> tuple[int, int, int]:
    """Return the width and height in pixels as stored, and EXIF's number for the orientation.

    Raises ValueError if there is no image.
    """
    source.seek(_find_codestream(source, size) + len(_CODESTREAM))
    bits = _Bits(source.read(_HEADER))
    is_small = bool(bits.read(1))
    height = _read_length(bits, is_small)
    ratio = bits.read(3)
    width = height * _RATIOS[ratio - 1][0] // _RATIOS[ratio - 1][1] if ratio else _read_length(bits, is_small)
    is_default = bits.read(1) or not bits.read(1)
    return width, height, 1 if is_default else bits.read(3) + 1


def _find_codestream(source: BinaryIO, size: int) -> int:
    source.seek(0)
    if source.read(len(_CODESTREAM)) == _CODESTREAM:
        return 0
    for box in iter_boxes(source, 0, size):
        if box.kind in _CODESTREAM_BOXES:
            at = box.start + _CODESTREAM_BOXES[box.kind]
            source.seek(at)
            if source.read(len(_CODESTREAM)) == _CODESTREAM:
                return at
    raise ValueError("the JPEG XL has no image")


def _read_length(bits: _Bits, is_small: bool) -> int:
    return (bits.read(5) + 1) * 8 if is_small else bits.read(_LARGE[bits.read(2)]) + 1
