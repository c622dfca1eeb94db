"""Images: what the header says, and a thumbnail where the picture is not too large to decode."""

import warnings
from contextlib import suppress
from typing import Any, BinaryIO, cast

from PIL import ExifTags, Image

from chalicelib.core.bounded_reader import BoundedReader
from chalicelib.core.described import THUMBNAIL_SIDE, Described
from chalicelib.core.errors import UNREADABLE_IMAGE
from chalicelib.processors.shared.thumbnails import webp

VERSION = 2
UNREADABLE = UNREADABLE_IMAGE
LIMIT = 32 * 1024 * 1024

MAX_DECODED = 96 * 1024 * 1024
"""Bytes that a decoded picture may take: 24 million pixels in colour."""

FORMATS: tuple[str, ...] = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
"""What Pillow may take a file for. It knows others, some of which start programs to read them."""

HELD = {"AVIF": 8, "HEIF": 8, "TIFF": 8, "WEBP": 12}
"""Bytes a pixel in formats whose libraries hold the picture, too, and the whole file with it; WebP's twice."""

MAX_COUNTED = 16 * 1024 * 1024
COUNTING = 3
"""Bytes of a file whose frames are counted, and seconds for it: all of it is read, and there may be a million."""

COEFFICIENTS = 6
"""Bytes a pixel that libjpeg holds of a progressive picture, two for each of three colours, however small it is
to be decoded. https://github.com/libjpeg-turbo/libjpeg-turbo/blob/main/doc/structure.txt"""

ANIMATED = {"AVIF", "GIF", "PNG", "TIFF", "WEBP"}

_EXIF = {
    ExifTags.Base.Make: "make",
    ExifTags.Base.Model: "model",
    ExifTags.Base.Software: "software",
    ExifTags.Base.DateTime: "changed_at",
    ExifTags.Base.DateTimeOriginal: "taken_at",
    ExifTags.Base.OffsetTimeOriginal: "taken_at_offset",
    ExifTags.Base.LensModel: "lens",
    ExifTags.Base.ExposureTime: "exposure_seconds",
    ExifTags.Base.FNumber: "f_number",
    ExifTags.Base.ISOSpeedRatings: "iso",
    ExifTags.Base.FocalLength: "focal_length_mm",
}
"""What is shown of EXIF. Not the position, nor serial numbers, nor the owner's name: a picture is often passed on
by people who don't know that it holds them."""

# Pillow's guard against decompression bombs refuses to open large images. A user should see how large the image
# is, and what is decoded is limited here.
Image.MAX_IMAGE_PIXELS = None


def describe(source: BinaryIO, size: int) -> Described:
    """Return `format` (as Pillow names it), `width` and `height` in pixels as stored, `mode` (Pillow's name of the
    pixels' kind), `orientation` (EXIF's number from 1 to 8, where it isn't 1), `frames` (where there may be
    several), and `exif`.

    `thumbnail_skipped` says why there is none: `too_large` or `damaged`.
    """
    # Pillow warns of oddities, such as damaged EXIF data, that don't keep it from opening the image.
    with warnings.catch_warnings(action="ignore"):
        kind = _read_to_be_opened(source)
        if kind and size > LIMIT:
            return Described({"format": kind, "thumbnail_skipped": "too_large"})
        formats = FORMATS
        if kind == "HEIF":
            from pi_heif import register_heif_opener  # half as much again to load as Pillow itself

            register_heif_opener()
            formats = ("HEIF",)
        with Image.open(source, formats=formats) as image:
            facts = {
                "format": "JPEG" if image.format == "MPO" else image.format,  # with a second picture behind it
                "width": image.width,
                "height": image.height,
                "mode": image.mode,
                **_exif(image),
                "frames": _frames(image, source, size),
            }
            thumbnail, skipped = _thumbnail(image, size)
    return Described({**facts, "thumbnail_skipped": skipped}, thumbnail)


def _read_to_be_opened(source: BinaryIO) -> str | None:
    """Return the format, if it is one of which not even the header is told before all of it is read."""
    head = source.read(16)
    source.seek(0)
    if head[8:12] == b"WEBP":
        return "WEBP"
    return ("AVIF" if head[8:11] == b"avi" else "HEIF") if head[4:8] == b"ftyp" else None


def _exif(image: Image.Image) -> dict[str, Any]:
    tags: dict[int, Any] = {}
    with suppress(Exception):  # it is nested TIFF, as easily damaged as the rest, and the picture is fine without
        exif = Image.Image.getexif(image)  # PNG's own decodes the picture, for what may stand behind it
        tags = {**exif, **exif.get_ifd(ExifTags.IFD.Exif)}
    orientation = tags.get(ExifTags.Base.Orientation)
    shown = {name: fact for tag, name in _EXIF.items() if (fact := _plain(tags.get(tag))) is not None}
    return {
        "orientation": orientation if orientation in range(2, 9) else None,
        "exif": shown or None,
    }


def _plain(value: object) -> str | float | None:
    """Return a tag's value as text or number; rationals become numbers, and anything odd is left out."""
    if isinstance(value, str):
        return value.strip(" \0") or None
    with suppress(TypeError, ValueError, ArithmeticError):
        number = float(value)  # type: ignore[arg-type]  # what isn't a number raises
        return int(number) if number.is_integer() else round(number, 6)
    return None


def _frames(image: Image.Image, source: BinaryIO, size: int) -> int | None:
    if image.format not in ANIMATED or size > MAX_COUNTED:
        return None
    bounded = BoundedReader(source, size, limit=MAX_COUNTED, seconds=COUNTING)
    with suppress(Exception), Image.open(cast(BinaryIO, bounded), formats=FORMATS) as counted:
        frames: int | None = getattr(counted, "n_frames", None)
        return frames
    return None


def _thumbnail(image: Image.Image, size: int) -> tuple[bytes | None, str | None]:
    """Return the thumbnail, or why there is none."""
    if size > LIMIT or not _fits(image):
        return None, "too_large"
    with suppress(Exception):  # a file that was cut off; its header is told all the same
        return webp(image), None
    return None, "damaged"


def _fits(image: Image.Image) -> bool:
    """Tell whether the decoded picture fits into MAX_DECODED. A JPEG is decoded at a fraction of its size."""
    if image.format in {"JPEG", "MPO"}:
        if "progressive" in image.info and image.width * image.height * COEFFICIENTS > MAX_DECODED:
            return False
        image.draft("RGB", (2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE))
    return image.width * image.height * _bytes_a_pixel(image) <= MAX_DECODED


def _bytes_a_pixel(image: Image.Image) -> int:
    in_pillow = {"1": 5, "L": 1, "P": 5}.get(image.mode, 4)  # a byte, and four once the colours are looked up
    return HELD.get(str(image.format), in_pillow)
