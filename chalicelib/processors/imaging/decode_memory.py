"""How much memory it takes to decode a picture: what is held of it at once when that is most.

The factors were measured with pictures of noise, which don't compress: the least memory that decoded one,
less what a process takes that decodes a small one.
"""

from io import SEEK_CUR
from typing import BinaryIO

from PIL import Image, TiffImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from chalicelib.core.processing.processor_result import THUMBNAIL_SIDE

MAX_HELD = 100 * 1024 * 1024
"""Bytes. The child has 16 MiB more, of which eight are taken whatever the picture is."""

READ_WHOLE = {"AVIF", "HEIF", "WEBP"}
"""Formats of which all is in memory before the header is told."""

_HELD = {"AVIF": 7.7, "HEIF": 6.0, "WEBP": 11.7}
"""Bytes a pixel in formats whose libraries hold the picture, and of which Pillow makes no copy; WebP's twice."""

_HELD_BY_OPENED_WEBP = 8
"""Bytes a pixel, of pictures that aren't drawn yet."""

_COPIES = {"AVIF": 1, "HEIF": 2, "WEBP": 2}
"""Of the file."""

_IN_PILLOW = {"1": 1, "L": 1, "P": 1, "I;16": 2}
"""Bytes a pixel; 4 in other modes, also of three colours."""

_COEFFICIENT = 2
"""Bytes that libjpeg holds for each colour of each pixel of a picture that comes in several scans, however small
it is to be decoded. https://github.com/libjpeg-turbo/libjpeg-turbo/blob/main/doc/structure.txt"""

_START_OF_IMAGE, _START_OF_SCAN = b"\xff\xd8", b"\xff\xda"


def fits(image: Image.Image, source: BinaryIO, size: int) -> bool:
    """Tell whether decoding takes no more than MAX_HELD. A JPEG is set to be decoded at a fraction of its size."""
    if isinstance(image, JpegImageFile):
        held = _held_by_libjpeg(image, source)
        image.draft("RGB", (2 * THUMBNAIL_SIDE, 2 * THUMBNAIL_SIDE))
        held += image.width * image.height * _in_pillow(image)
    elif image.format in READ_WHOLE:
        kind = str(image.format)
        held = int(image.width * image.height * _HELD[kind]) + size * _COPIES[kind]
    else:
        held = image.width * image.height * _in_pillow(image)
        if isinstance(image, TiffImagePlugin.TiffImageFile) and image.info.get("compression") != "raw":
            held += size + max(size, _block(image))
    return held <= MAX_HELD


def webp_may_be_opened(dimensions: tuple[int, int], size: int) -> bool:
    """Tell whether opening a WebP, of which nothing else is decoded, takes no more than MAX_HELD."""
    width, height = dimensions
    return width * height * _HELD_BY_OPENED_WEBP + size * _COPIES["WEBP"] <= MAX_HELD


def _in_pillow(image: Image.Image) -> int:
    return _IN_PILLOW.get(image.mode, 4)


def _block(image: TiffImagePlugin.TiffImageFile) -> int:
    """Return the bytes of a strip or tile, which is unpacked as a whole. A tile may be larger than the picture."""
    tags = image.tag_v2
    width, height = tags.get(TiffImagePlugin.TILEWIDTH), tags.get(TiffImagePlugin.TILELENGTH)
    if not width or not height:
        width, height = image.width, min(tags.get(TiffImagePlugin.ROWSPERSTRIP, image.height), image.height)
    bits, *_ = tags.get(TiffImagePlugin.BITSPERSAMPLE, (1,))
    samples = tags.get(TiffImagePlugin.SAMPLESPERPIXEL, 1)
    return int(width * height * bits * samples) // 8


def _held_by_libjpeg(image: JpegImageFile, source: BinaryIO) -> int:
    """Return the bytes of all coefficients, if they are kept until the last scan. ITU-T T.81, A.1.1"""
    if not _comes_in_several_scans(image, source):
        return 0
    factors = [across * down for _, across, down, _ in image.layer]
    across = max(across for _, across, _, _ in image.layer)
    down = max(down for _, _, down, _ in image.layer)
    return image.width * image.height * sum(factors) * _COEFFICIENT // max(across * down, 1)


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
