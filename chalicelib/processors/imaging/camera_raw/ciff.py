"""Read Canon's CRW, of cameras until 2004: heaps of values with a directory at the end of each.
CIFF 1.0, http://xyrion.org/ciff/CIFFspecV1R04.pdf, and https://exiftool.org/TagNames/CanonRaw.html"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from chalicelib.processors.imaging.camera_raw.picture import RawPicture, orientation_of
from chalicelib.processors.imaging.exif import read_facts

MAX_DEPTH = 4
MAX_ENTRIES = 256
"""Heaps within heaps, and values in one. Cameras write three levels of up to fifty."""

_ORDERS = {b"II": "<", b"MM": ">"}

_IN_DIRECTORY, _TAG = 0x4000, 0x3FFF
"""The bit of a value of up to eight bytes, which the entry itself has, and the bits that say what it is."""

_HEAP_KINDS, _KIND = {0x2800, 0x3000}, 0x3800

_CAMERA, _SIZE, _TIME, _PREVIEW, _THUMBNAIL = 0x080A, 0x1810, 0x180E, 0x2007, 0x2008

_MAKE, _MODEL, _TAKEN_AT = 271, 272, 36867
"""The EXIF tags of the same facts."""


def read_crw(source: BinaryIO, size: int) -> RawPicture:
    """Return the facts and previews in the heaps."""
    source.seek(0)
    header = source.read(6)
    order = _ORDERS[header[:2]]
    (root,) = struct.unpack(order + "I", header[2:])
    places = dict(_walk_heap(source, root, size, order, MAX_DEPTH))

    def read(tag: int, at_most: int) -> bytes:
        at, length = places.get(tag, (0, 0))
        source.seek(at)
        return source.read(min(length, at_most))

    make, _, model = read(_CAMERA, 64).decode("latin-1").partition("\0")
    (seconds,) = struct.unpack(order + "I", read(_TIME, 4).ljust(4, b"\0"))
    taken_at = f"{datetime.fromtimestamp(seconds, UTC):%Y:%m:%d %H:%M:%S}"  # by the camera's clock
    exif = {_MAKE: make, _MODEL: model.split("\0")[0], _TAKEN_AT: taken_at}
    width, height, degrees = struct.unpack(order + "II4xi", read(_SIZE, 16).ljust(16, b"\0"))
    return RawPicture(
        dimensions=(width, height) if width and height else None,
        orientation=orientation_of(degrees),
        exif=read_facts(exif.get),
        previews=tuple(places[tag] for tag in (_PREVIEW, _THUMBNAIL) if tag in places),
    )


def _walk_heap(
    source: BinaryIO, start: int, end: int, order: str, depth: int
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the tags of the values in a heap and in those within it, each with its offset and length."""
    source.seek(end - 4)
    directory = start + struct.unpack(order + "I", source.read(4))[0]
    source.seek(directory)
    (count,) = struct.unpack(order + "H", source.read(2))
    entries = source.read(10 * min(count, MAX_ENTRIES))
    for position, (tag, length, offset) in enumerate(struct.iter_unpack(order + "HII", entries)):
        if tag & _IN_DIRECTORY:
            yield tag & _TAG, (directory + 2 + 10 * position + 2, 8)
        elif tag & _KIND in _HEAP_KINDS and depth and length < end - start:
            yield from _walk_heap(source, start + offset, start + offset + length, order, depth - 1)
        else:
            yield tag & _TAG, (start + offset, length)
