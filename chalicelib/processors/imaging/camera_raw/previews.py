"""Open the previews in a raw file."""

from collections.abc import Iterator
from contextlib import suppress
from operator import itemgetter
from typing import BinaryIO, cast

from PIL import ExifTags, Image

from chalicelib.core.processing.processor_result import THUMBNAIL_SIDE
from chalicelib.core.streams.slice_reader import SliceReader
from chalicelib.processors.imaging import jpeg_header
from chalicelib.processors.imaging.camera_raw.picture import RawPicture
from chalicelib.processors.imaging.thumbnails import MAX_BYTES

MAX_PREVIEWS = 16
"""Previews that are opened. A camera writes one to four."""


def open_previews(source: BinaryIO, size: int, raw: RawPicture) -> Iterator[tuple[Image.Image, SliceReader]]:
    """Yield the previews that are JPEGs, not decoded, with the part of the file that each is.

    The first is the smallest one that is as large as a thumbnail: a preview may have all pixels of the camera, and
    reading it takes a request for each 256 KiB. The larger ones follow, then the smaller ones, by size.
    """
    smaller = []
    for offset, length in sorted(set(raw.previews), key=itemgetter(1))[:MAX_PREVIEWS]:
        part = SliceReader(source, offset, min(length, size - offset))
        preview = _open(part, raw.orientation) if 0 < part.size <= MAX_BYTES else None
        if preview is not None and max(preview.size) < THUMBNAIL_SIDE:
            smaller.append((preview, part))
        elif preview is not None:
            yield preview, part
    yield from reversed(smaller)


def _open(part: SliceReader, orientation: int | None) -> Image.Image | None:
    """Return the preview, turned as it says itself or else as the raw file says."""
    source = cast(BinaryIO, part)
    if jpeg_header.read_dimensions(source) is None:  # the camera's directories may point anywhere
        return None
    part.seek(0)
    with suppress(Exception):  # a damaged JPEG
        preview = Image.open(source, formats=("JPEG",))
        if ExifTags.Base.Orientation not in preview.getexif():
            preview.getexif()[ExifTags.Base.Orientation] = orientation or 1
        return preview
    return None
