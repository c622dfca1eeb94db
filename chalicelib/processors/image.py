"""Images: what the header says, and a thumbnail where the picture is not too large to decode."""

import warnings
from contextlib import suppress
from io import SEEK_CUR
from typing import Any, BinaryIO, cast

from PIL import AvifImagePlugin, ExifTags, Image, TiffImagePlugin, WebPImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from chalicelib.core.bounded_reader import BoundedReader
from chalicelib.core.described import THUMBNAIL_SIDE, Described
from chalicelib.core.errors import UNREADABLE_IMAGE
from chalicelib.processors.shared.thumbnails import webp

UNREADABLE = UNREADABLE_IMAGE
LIMIT = 32 * 1024 * 1024

MAX_DECODED = 96 * 1024 * 1024
"""Bytes that a decoded picture may take: 24 million pixels in colour."""

FORMATS: tuple[str, ...] = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
"""What Pillow may take a file for. It knows others, some of which start programs to read them."""

HELD = {"AVIF": 8, "HEIF": 8, "TIFF": 8, "WEBP": 14}
"""Bytes a pixel in formats whose libraries hold the picture, too; WebP's twice."""

READ_TO_BE_OPENED = {"AVIF", "HEIF", "WEBP"}
"""Formats of which all is in memory, up to three times, before the header is told."""

MAX_HELD = 16 * 1024 * 1024
"""Bytes of a file that may be held so."""

MAX_COUNTED = 16 * 1024 * 1024
COUNTING = 3
"""Bytes of a file whose frames are counted, and seconds for it: all of it is read, and there may be a million."""

COEFFICIENT = 2
"""Bytes that libjpeg holds for each colour of each pixel of a picture that comes in several scans, however small
it is to be decoded. https://github.com/libjpeg-turbo/libjpeg-turbo/blob/main/doc/structure.txt"""

ANIMATED = {"AVIF", "GIF", "PNG", "TIFF", "WEBP"}

_START_OF_IMAGE, _START_OF_SCAN = b"\xff\xd8", b"\xff\xda"

_LOADED = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""The plugins that Pillow doesn't load by itself at first. It would load all of its forty for one of them."""

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

# Each thread's stack counts as memory, and how many there were would depend on the machine.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def describe(source: BinaryIO, size: int) -> Described:
    """Return `format` (as Pillow names it), `width` and `height` in pixels as stored, `mode` (Pillow's name of the
    pixels' kind), `orientation` (EXIF's number from 1 to 8, where it isn't 1), `frames` (where there may be
    several), and `exif`.

    `thumbnail_skipped` says why there is none: `too_large` or `damaged`.
    """
    return _described(source, size, header_only=False)


def describe_less(source: BinaryIO, size: int) -> Described:
    """Return the same without what may take all the memory and time: EXIF, the frames and the thumbnail."""
    return _described(source, size, header_only=True)


def _described(source: BinaryIO, size: int, *, header_only: bool) -> Described:
    # Pillow warns of oddities, such as damaged EXIF data, that don't keep it from opening the image.
    with warnings.catch_warnings(action="ignore"):
        kind = _read_to_be_opened(source)
        if kind and size > MAX_HELD:
            return Described({"format": kind, "thumbnail_skipped": "too_large"})
        formats = FORMATS
        if kind == "HEIF":
            import pi_heif  # half as much again to load as Pillow itself

            pi_heif.options.DECODE_THREADS = 1
            pi_heif.register_heif_opener()
            formats = ("HEIF",)
        with Image.open(source, formats=formats) as image:
            facts = {
                "format": "JPEG" if image.format == "MPO" else image.format,  # with a second picture behind it
                "width": image.width,
                "height": image.height,
                "mode": image.mode,
            }
            if header_only:
                return Described({**facts, "thumbnail_skipped": "too_large"})
            facts |= {**_exif(image), "frames": _frames(image, source, size)}
            thumbnail, skipped = _thumbnail(image, source, size)
    return Described({**facts, "thumbnail_skipped": skipped}, thumbnail)


def _read_to_be_opened(source: BinaryIO) -> str | None:
    """Return the format, if it is one of which not even the header is told before all of it is read."""
    head = source.read(16)
    source.seek(0)
    if head[8:12] == b"WEBP":
        return "WEBP"
    return ("AVIF" if head[8:11] == b"avi" else "HEIF") if head[4:8] == b"ftyp" else None


def _exif(image: Image.Image) -> dict[str, Any]:
    orientation: object = None
    shown: dict[str, str | float] = {}
    with suppress(Exception):  # it is nested TIFF, as easily damaged as the rest, and the picture is fine without
        exif = Image.Image.getexif(image)  # PNG's own decodes the picture, for what may stand behind it
        orientation = exif.get(ExifTags.Base.Orientation)
        for tags in (exif, exif.get_ifd(ExifTags.IFD.Exif)):
            shown |= {name: fact for tag, name in _EXIF.items() if (fact := _plain(tags.get(tag))) is not None}
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


def _thumbnail(image: Image.Image, source: BinaryIO, size: int) -> tuple[bytes | None, str | None]:
    """Return the thumbnail, or why there is none."""
    if size > LIMIT or not _fits(image, source, size):
        return None, "too_large"
    try:
        return webp(image), None
    except MemoryError:
        return None, "too_large"
    except Exception:  # noqa: BLE001  # a file that was cut off; its header is told all the same
        return None, "damaged"


def _fits(image: Image.Image, source: BinaryIO, size: int) -> bool:
    """Tell whether the decoded picture fits into MAX_DECODED. A JPEG is decoded at a fraction of its size."""
    if isinstance(image, JpegImageFile):
        coefficients = image.width * image.height * len(image.getbands()) * COEFFICIENT
        if coefficients > MAX_DECODED and _comes_in_several_scans(image, source):
            return False
        image.draft("RGB", (2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE))
    pixels = image.width * image.height
    if isinstance(image, TiffImagePlugin.TiffImageFile):  # a tile may be larger than the picture
        tile = image.tag_v2.get(TiffImagePlugin.TILEWIDTH, 0) * image.tag_v2.get(TiffImagePlugin.TILELENGTH, 0)
        pixels = max(pixels, tile)
    held = 3 * size if image.format in READ_TO_BE_OPENED else 0
    return pixels * _bytes_a_pixel(image) + held <= MAX_DECODED


def _comes_in_several_scans(image: JpegImageFile, source: BinaryIO) -> bool:
    """Tell as libjpeg does: the picture is progressive, or its first scan hasn't all colours. ITU-T T.81, B.1.1.4
    and B.2.3"""
    if "progressive" in image.info:
        return True
    source.seek(len(_START_OF_IMAGE))
    while (marker := source.read(2)) != _START_OF_SCAN:
        if marker[:1] != b"\xff":
            return True  # Pillow has found its way through what is none of a JPEG's
        source.seek(int.from_bytes(source.read(2)) - 2, SEEK_CUR)
    colours = source.read(3)[2:]
    return colours != bytes([len(image.getbands())])


def _bytes_a_pixel(image: Image.Image) -> int:
    in_pillow = {"1": 1, "L": 1, "P": 1, "I;16": 2}.get(image.mode, 4)
    return HELD.get(str(image.format), in_pillow)
