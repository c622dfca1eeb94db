"""Estimate the peak memory that decoding a picture takes.

The factors were measured with pictures of noise, which don't compress: the least memory with which one was
decoded, less that of a process that decodes a small one.
"""

from io import SEEK_CUR
from typing import BinaryIO

from PIL import Image, TiffImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from chalicelib.core.processing.processor_result import THUMBNAIL_SIDE

MAX_DECODE_BYTES = 100 * 1024 * 1024
"""The child may use 16 MiB more; eight of them are needed for any picture."""

FORMATS_READ_WHOLE = {"AVIF", "HEIF", "WEBP"}
"""Formats whose libraries read the whole file before they report the header."""

_BYTES_PER_PIXEL = {"AVIF": 7.7, "HEIF": 6.0, "WEBP": 11.7}
"""For formats whose libraries hold the picture. Pillow makes no copy of it; WebP's library holds it twice."""

_OPENED_WEBP_BYTES_PER_PIXEL = 8
"""Before the picture is decoded."""

_FILE_COPIES = {"AVIF": 1, "HEIF": 2, "WEBP": 2}
"""Copies of the file in memory."""

_PILLOW_BYTES_PER_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2}
"""By mode; 4 in all others, including those of three colors."""

_COEFFICIENT_BYTES = 2
"""Per color and pixel. libjpeg holds all coefficients of a picture with several scans, even if it is decoded at a
fraction of its size. https://github.com/libjpeg-turbo/libjpeg-turbo/blob/main/doc/structure.txt"""

_START_OF_IMAGE, _START_OF_SCAN = b"\xff\xd8", b"\xff\xda"


def fits_in_memory(image: Image.Image, source: BinaryIO, size: int) -> bool:
    """Return whether decoding takes at most MAX_DECODE_BYTES. As a side effect, a JPEG is set to be decoded at a
    fraction of its size."""
    if isinstance(image, JpegImageFile):
        needed = _coefficient_bytes(image, source)
        image.draft("RGB", (2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE))
        needed += image.width * image.height * _pillow_bytes_per_pixel(image)
    elif image.format in FORMATS_READ_WHOLE:
        pillow_format = str(image.format)
        needed = (
            int(image.width * image.height * _BYTES_PER_PIXEL[pillow_format]) + size * _FILE_COPIES[pillow_format]
        )
    else:
        needed = image.width * image.height * _pillow_bytes_per_pixel(image)
        if isinstance(image, TiffImagePlugin.TiffImageFile) and image.info.get("compression") != "raw":
            needed += size + max(size, _block_bytes(image))
    return needed <= MAX_DECODE_BYTES


def webp_may_be_opened(dimensions: tuple[int, int], size: int) -> bool:
    """Return whether opening a WebP, without decoding it, takes at most MAX_DECODE_BYTES."""
    width, height = dimensions
    return width * height * _OPENED_WEBP_BYTES_PER_PIXEL + size * _FILE_COPIES["WEBP"] <= MAX_DECODE_BYTES


def _pillow_bytes_per_pixel(image: Image.Image) -> int:
    return _PILLOW_BYTES_PER_PIXEL.get(image.mode, 4)


def _block_bytes(image: TiffImagePlugin.TiffImageFile) -> int:
    """Return the size of a strip or tile, which is decompressed at once. A tile may exceed the picture."""
    tags = image.tag_v2
    width, height = tags.get(TiffImagePlugin.TILEWIDTH), tags.get(TiffImagePlugin.TILELENGTH)
    if not width or not height:
        width, height = image.width, min(tags.get(TiffImagePlugin.ROWSPERSTRIP, image.height), image.height)
    bits, *_ = tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    samples = tags.get(TiffImagePlugin.SAMPLESPERPIXEL, 1)
    return int(width * height * bits * samples) // 8


def _coefficient_bytes(image: JpegImageFile, source: BinaryIO) -> int:
    """Return the size of all coefficients, if libjpeg keeps them until the last scan. ITU-T T.81, A.1.1"""
    if not _has_several_scans(image, source):
        return 0
    factors = [across * down for _, across, down, _ in image.layer]
    across = max(across for _, across, _, _ in image.layer)
    down = max(down for _, _, down, _ in image.layer)
    return image.width * image.height * sum(factors) * _COEFFICIENT_BYTES // max(across * down, 1)


def _has_several_scans(image: JpegImageFile, source: BinaryIO) -> bool:
    """Decide as libjpeg does: the picture is progressive, or its first scan lacks a color. ITU-T T.81, B.1.1.4
    and B.2.3"""
    if "progressive" in image.info:
        return True
    source.seek(len(_START_OF_IMAGE))
    while (marker := source.read(2)) != _START_OF_SCAN:
        if marker[:1] != b"\xff":
            return True  # not a marker; Pillow skipped these bytes
        source.seek(int.from_bytes(source.read(2)) - 2, SEEK_CUR)
    colors = source.read(3)[2:]
    return colors != bytes([len(image.getbands())])
