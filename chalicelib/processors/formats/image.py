"""Images: facts from the header, and a thumbnail unless the picture is too large to decode."""

import copy
import warnings
from contextlib import suppress
from typing import Any, BinaryIO, cast

from PIL import AvifImagePlugin, ExifTags, Image, TiffImagePlugin, WebPImagePlugin

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.core.streams.bounded_reader import BoundedReader
from chalicelib.processors.imaging import jxl_header, webp_header
from chalicelib.processors.imaging.decode_memory import FORMATS_READ_WHOLE, webp_may_be_opened
from chalicelib.processors.imaging.exif import read_facts, valid_orientation
from chalicelib.processors.imaging.thumbnails import MAX_BYTES, make_thumbnail

UNREADABLE = UNREADABLE_IMAGE
LIMIT = MAX_BYTES

MAX_OPENED_BYTES = 16 * 1024 * 1024
"""Bytes of the largest file that is opened in a format whose library reads all of a file for its header."""

MAX_COUNTED_BYTES = 16 * 1024 * 1024
"""Bytes of the largest file whose frames are counted: all of it is read."""

FRAME_COUNT_SECONDS = 3
"""Time limit of counting the frames: a file may have a million."""

_HEAD = 4096
"""Bytes in which WebP's dimensions are."""

_PILLOW_FORMATS = {
    "image/avif": "AVIF",
    "image/bmp": "BMP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
    "image/heic-sequence": "HEIF",
    "image/heif": "HEIF",
    "image/heif-sequence": "HEIF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/webp": "WEBP",
}
"""Pillow knows more formats, some of which start programs to read them."""

_ANIMATED = {"AVIF", "GIF", "PNG", "TIFF", "WEBP"}

_FORCE_IMPORT = (AvifImagePlugin, TiffImagePlugin, WebPImagePlugin, copy)
"""Modules that Pillow loads later: `copy` for GIFs, in each child, and for one of the plugins all of its forty."""

# Pillow's guard against decompression bombs refuses to open large images. A user should see how large the image
# is, and decoding is limited here.
Image.MAX_IMAGE_PIXELS = None

# Each thread's stack counts as memory, and the number of threads would depend on the machine.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def preload(media_type: str) -> None:
    """Load what only files of this type need."""
    if _PILLOW_FORMATS.get(media_type) == "HEIF":
        import pi_heif  # takes half as long to load as Pillow itself

        pi_heif.options.DECODE_THREADS = 1
        pi_heif.register_heif_opener()
    elif media_type not in _PILLOW_FORMATS and media_type != "image/jxl":
        from chalicelib.processors.imaging.camera_raw import previews, read  # noqa: F401  # 5 ms, for few files


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `format` (Pillow's name), `width` and `height` in pixels as stored, `mode` (Pillow's name for the
    kind of pixels), `orientation` (EXIF's number, 2 to 8; left out if 1), `frames` (in formats that may have
    several), and `exif`.

    Of a camera's raw file, `format` is its usual extension, `width` and `height` are the picture's without the
    sensor's border, and the thumbnail is made from a preview that the camera put into the file.
    `thumbnail_skipped` says why there is no thumbnail: `too_large`, `damaged`, `no_preview` or
    `unsupported`, for a format that can't be decoded here.
    """
    return _describe(source, size, media_type, header_only=False)


def describe_fallback(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `describe`'s facts without what may take all the memory and time: EXIF, frames and thumbnail."""
    return _describe(source, size, media_type, header_only=True)


def _describe(source: BinaryIO, size: int, media_type: str, *, header_only: bool) -> ProcessorResult:
    # Pillow warns of errors, such as damaged EXIF data, that don't keep it from opening the image.
    with warnings.catch_warnings(action="ignore"):
        if media_type == "image/jxl":
            return _describe_jxl(source, size)
        if media_type not in _PILLOW_FORMATS:
            return _describe_raw(source, size, media_type, header_only=header_only)
        pillow_format = _PILLOW_FORMATS[media_type]
        if pillow_format in FORMATS_READ_WHOLE:
            header_facts = _header_facts_if_too_large(pillow_format, source, size)
            if header_facts is not None:
                return ProcessorResult({"format": pillow_format, **header_facts, "thumbnail_skipped": "too_large"})
        preload(media_type)
        with Image.open(source, formats=(pillow_format,)) as image:
            facts = {
                "format": "JPEG" if image.format == "MPO" else image.format,  # MPO holds more than one JPEG
                **_dimensions(image),
                "mode": image.mode,
            }
            if header_only:
                return ProcessorResult({**facts, "thumbnail_skipped": "too_large"})
            facts |= {**_exif(image), "frames": _frames(image, source, size)}
            thumbnail, skipped = make_thumbnail(image, source, size)
    return ProcessorResult({**facts, "thumbnail_skipped": skipped}, thumbnail)


def _describe_jxl(source: BinaryIO, size: int) -> ProcessorResult:
    width, height, orientation = jxl_header.read_header(source, size)
    facts = {"format": "JXL", "width": width, "height": height, "orientation": valid_orientation(orientation)}
    return ProcessorResult({**facts, "thumbnail_skipped": "unsupported"})


def _describe_raw(source: BinaryIO, size: int, media_type: str, *, header_only: bool) -> ProcessorResult:
    from chalicelib.processors.imaging.camera_raw import previews, read

    raw = read.read_raw(source, size, media_type)
    width, height = raw.dimensions or (None, None)
    facts: dict[str, Any] = {"format": read.FORMATS[media_type], "width": width, "height": height}
    of_camera = {"orientation": raw.orientation, "exif": raw.exif or None}
    if header_only:
        return ProcessorResult({**facts, **of_camera, "thumbnail_skipped": "too_large"})
    if not (raw.dimensions or raw.previews):
        raise BadContentError(UNREADABLE_IMAGE)
    thumbnail: bytes | None = None
    skipped: str | None = "damaged" if raw.previews else "no_preview"
    for preview, opened in previews.open_previews(source, size, raw):
        if not raw.exif:  # RAF and X3F have their facts in the preview alone
            of_camera |= {name: fact for name, fact in _exif(preview).items() if fact is not None}
        thumbnail, skipped = make_thumbnail(preview, cast(BinaryIO, opened), opened.size)
        if thumbnail is not None:
            break
    return ProcessorResult({**facts, **of_camera, "thumbnail_skipped": skipped}, thumbnail)


def _header_facts_if_too_large(pillow_format: str, source: BinaryIO, size: int) -> dict[str, int] | None:
    """Return what is known of a picture that takes too much memory to be opened; None if it may be opened.

    That is `width` and `height`, or nothing ({}) if they can't be read without opening it.
    """
    head = source.read(_HEAD)
    source.seek(0)
    dimensions = webp_header.read_dimensions(head) if pillow_format == "WEBP" else None
    if size <= MAX_OPENED_BYTES and (dimensions is None or webp_may_be_opened(dimensions, size)):
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
    facts: dict[str, str | float] = {}
    with suppress(Exception):  # it is nested TIFF, easily damaged, and optional
        exif = Image.Image.getexif(image)  # PNG's own decodes the picture, for EXIF data after the pixels
        orientation = exif.get(ExifTags.Base.Orientation)
        facts = read_facts(exif.get)
        facts = read_facts(exif.get, exif.get_ifd(ExifTags.IFD.Exif).get)
    return {"orientation": valid_orientation(orientation), "exif": facts or None}


def _frames(image: Image.Image, source: BinaryIO, size: int) -> int | None:
    if image.format not in _ANIMATED or size > MAX_COUNTED_BYTES:
        return None
    if image.format in FORMATS_READ_WHOLE:
        return _count_frames(image)
    bounded = BoundedReader(source, size, limit=MAX_COUNTED_BYTES, seconds=FRAME_COUNT_SECONDS)
    with suppress(Exception), Image.open(cast(BinaryIO, bounded), formats=(str(image.format),)) as counted:
        return _count_frames(counted)
    return None


def _count_frames(image: Image.Image) -> int:
    """Return the number of frames that are shown. An APNG's default image may not be one."""
    frames: int = getattr(image, "n_frames", 1)
    return frames - bool(image.info.get("default_image"))
