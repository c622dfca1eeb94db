"""Images: what the header says, and a thumbnail where the picture is not too large to decode."""

import warnings
from contextlib import suppress
from typing import Any, BinaryIO, cast

from PIL import AvifImagePlugin, ExifTags, Image, TiffImagePlugin, WebPImagePlugin

from chalicelib.core.errors import UNREADABLE_IMAGE
from chalicelib.core.processing.processor_result import Described
from chalicelib.core.streams.bounded_reader import BoundedReader
from chalicelib.processors.detection.signatures import by_signature
from chalicelib.processors.imaging import webp_header
from chalicelib.processors.imaging.decode_memory import READ_WHOLE, fits, webp_may_be_opened
from chalicelib.processors.imaging.thumbnails import webp

UNREADABLE = UNREADABLE_IMAGE
LIMIT = 40 * 1024 * 1024
"""As much as an uncompressed picture of a phone's 12 million pixels."""

FORMATS: tuple[str, ...] = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
"""What Pillow may take a file for. It knows others, some of which start programs to read them."""

MAX_READ_WHOLE = 16 * 1024 * 1024
"""Bytes of a file of which not even the header is told before all of it is read."""

MAX_COUNTED = 16 * 1024 * 1024
COUNTING = 3
"""Bytes of a file whose frames are counted, and seconds for it: all of it is read, and there may be a million."""

ANIMATED = {"AVIF", "GIF", "PNG", "TIFF", "WEBP"}

_HEAD = 4096
"""Bytes from which a format is told."""

_HEIF = "image/hei"
"""How HEIC's and HEIF's types begin."""

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
        head = source.read(_HEAD)
        source.seek(0)
        kind = _format_read_whole(head)
        if kind and (known := _known_of_too_large(kind, head, size)) is not None:
            return Described({"format": kind, **known, "thumbnail_skipped": "too_large"})
        formats = FORMATS
        if kind == "HEIF":
            import pi_heif  # half as much again to load as Pillow itself

            pi_heif.options.DECODE_THREADS = 1
            pi_heif.register_heif_opener()
            formats = ("HEIF",)
        with Image.open(source, formats=formats) as image:
            facts = {
                "format": "JPEG" if image.format == "MPO" else image.format,  # with a second picture behind it
                **_dimensions(image),
                "mode": image.mode,
            }
            if header_only:
                return Described({**facts, "thumbnail_skipped": "too_large"})
            facts |= {**_exif(image), "frames": _frames(image, source, size)}
            thumbnail, skipped = _thumbnail(image, source, size)
    return Described({**facts, "thumbnail_skipped": skipped}, thumbnail)


def _format_read_whole(head: bytes) -> str | None:
    """Return the format, if it is one of which not even the header is told before all of it is read."""
    media_type = by_signature(head) or ""
    if media_type.startswith(_HEIF):
        return "HEIF"
    return {"image/avif": "AVIF", "image/webp": "WEBP"}.get(media_type)


def _known_of_too_large(kind: str, head: bytes, size: int) -> dict[str, int] | None:
    """Return what is known of a picture that takes too much memory already to be opened; None of another one."""
    dimensions = webp_header.dimensions(head) if kind == "WEBP" else None
    if size <= MAX_READ_WHOLE and (dimensions is None or webp_may_be_opened(dimensions, size)):
        return None
    return dict(zip(("width", "height"), dimensions or (), strict=False))


def _dimensions(image: Image.Image) -> dict[str, int]:
    """Return the width and height as stored. Pillow turns a TIFF's."""
    width, height = image.size
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        width, height = image.tag_v2[TiffImagePlugin.IMAGEWIDTH], image.tag_v2[TiffImagePlugin.IMAGELENGTH]
    return {"width": width, "height": height}


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
    if image.format in READ_WHOLE:
        return _frames_of(image)
    bounded = BoundedReader(source, size, limit=MAX_COUNTED, seconds=COUNTING)
    with suppress(Exception), Image.open(cast(BinaryIO, bounded), formats=FORMATS) as counted:
        return _frames_of(counted)
    return None


def _frames_of(image: Image.Image) -> int:
    """Return the number that are shown. APNG's picture for programs that know only PNG may be none of them."""
    frames: int = getattr(image, "n_frames", 1)
    return frames - bool(image.info.get("default_image"))


def _thumbnail(image: Image.Image, source: BinaryIO, size: int) -> tuple[bytes | None, str | None]:
    """Return the thumbnail, or why there is none."""
    if size > LIMIT or not fits(image, source, size):
        return None, "too_large"
    try:
        return webp(image), None
    except MemoryError:
        return None, "too_large"
    except Exception as fault:  # noqa: BLE001  # a file that was cut off; its header is told all the same
        # libheif and libjpeg have no exception of their own for it.
        return None, "too_large" if "memory" in str(fault).lower() else "damaged"
