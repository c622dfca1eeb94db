"""Read Canon's CR3: an ISO media file with TIFF directories and JPEGs in boxes of its own.
https://github.com/lclevy/canon_cr3"""

from typing import BinaryIO

from chalicelib.processors.imaging.camera_raw.picture import RawPicture
from chalicelib.processors.imaging.camera_raw.tiff_based import read_exif
from chalicelib.processors.imaging.exif import valid_orientation
from chalicelib.processors.structures import tiff_directories as tags
from chalicelib.processors.structures.iso_boxes import Box, find_box, iter_boxes, read_content
from chalicelib.processors.structures.tiff_directories import Directory, read_directories

_UUID = 16
_METADATA = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_PREVIEW = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
"""Boxes of the type `uuid` begin with one."""

_PREVIEW_BOXES = {b"PRVW", b"THMB"}
_JPEG, _JPEG_WITHIN = b"\xff\xd8\xff", 64
"""A JPEG's beginning, and the bytes of a box in which it is: some versions have longer headers."""


def read_cr3(source: BinaryIO, size: int) -> RawPicture:
    """Return the facts and previews in the boxes."""
    top = Box(b"", 0, size)
    index = find_box(source, top, b"moov")
    if index is None:
        raise ValueError("the raw file has no index")
    inside = [*_content_of(source, index, _METADATA, 0), *_content_of(source, top, _PREVIEW, 8)]
    directories: dict[bytes, Directory] = {}
    for box in inside:
        if box.kind in {b"CMT1", b"CMT2"} and (directory := next(read_directories(source, box.start), None)):
            directories[box.kind] = directory
    picture = directories.get(b"CMT1")
    width, height = (picture.integer(tags.WIDTH), picture.integer(tags.HEIGHT)) if picture else (0, 0)
    return RawPicture(
        dimensions=(width, height) if width and height else None,
        orientation=valid_orientation(picture.number(tags.ORIENTATION)) if picture else None,
        exif=read_exif(list(directories.values())),
        previews=tuple(place for box in inside if box.kind in _PREVIEW_BOXES for place in _jpeg_in(source, box)),
    )


def _content_of(source: BinaryIO, within: Box, uuid: bytes, header: int) -> list[Box]:
    """Return the boxes in the box with this UUID, after a header of `header` bytes."""
    for box in iter_boxes(source, within.start, within.end):
        if box.kind == b"uuid" and read_content(source, box, _UUID) == uuid:
            return list(iter_boxes(source, box.start + _UUID + header, box.end))
    return []


def _jpeg_in(source: BinaryIO, box: Box) -> list[tuple[int, int]]:
    at = read_content(source, box, _JPEG_WITHIN).find(_JPEG)
    return [] if at < 0 else [(box.start + at, box.end - box.start - at)]
