"""Encode thumbnails."""

import io
import math
from typing import BinaryIO, cast

from PIL import ExifTags, Image, ImageOps
from PIL.WebPImagePlugin import WebPImageFile  # Pillow would load all of its plugins for this one

from chalicelib.core.processing.processor_result import THUMBNAIL_SIDE
from chalicelib.processors.imaging.color_profiles import to_srgb
from chalicelib.processors.imaging.decode_memory import fits_in_memory
from chalicelib.processors.imaging.strip_decoder import StripDecoder

Image.preinit()  # loads the usual plugins; here, because each sandboxed child would load them again

QUALITY = 80
"""WebP's scale to 100. About 20 KB for a photograph of this size."""

METHOD = 2
"""WebP's scale from 0 to 6: how long it looks for the smallest file. The default, 4, takes twice as long to save
one byte in thirty."""

MAX_BYTES = 40 * 1024 * 1024
"""Bytes of the largest picture that is decoded: an uncompressed one of a phone's 12 million pixels."""

_STRIP = 8
"""Rows of the reduced picture that are computed at once."""

_WHITE = 255
_SIXTEEN_BITS = (0, 65280)
"""Black and white in 16 bits of grey. Divided by 256, white is 255: the lower byte is dropped."""


def make_thumbnail(image: Image.Image, source: BinaryIO, size: int) -> tuple[bytes | None, str | None]:
    """Return the thumbnail of a picture that begins the source, or the reason why there is none: `too_large` or
    `damaged`. `size` is the picture's, in bytes."""
    if size > MAX_BYTES or not fits_in_memory(image, source, size):
        return None, "too_large"
    try:
        return encode_thumbnail(image), None
    except MemoryError:
        return None, "too_large"
    except Exception as error:  # noqa: BLE001  # a truncated file; its header still counts
        # libheif and libjpeg have no exception of their own for it.
        return None, "too_large" if "memory" in str(error).lower() else "damaged"


def encode_thumbnail(image: Image.Image) -> bytes:
    """Return the picture as WebP, upright, reduced to THUMBNAIL_SIDE but never enlarged, with its transparency, in
    sRGB.

    Little memory is needed besides the picture itself.
    """
    profile = image.info.get("icc_profile")
    small = _reduce(image)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    small = to_srgb(small, profile)
    small.getexif()[ExifTags.Base.Orientation] = image.getexif().get(ExifTags.Base.Orientation, 1)
    target = io.BytesIO()
    ImageOps.exif_transpose(small).save(target, WebPImageFile.format, quality=QUALITY, method=METHOD, exif=b"")
    return target.getvalue()


def _reduce(image: Image.Image) -> Image.Image:
    """Return the picture in RGB, RGBA or CMYK, at a whole fraction of its size that is still too large.

    The picture is converted strip by strip: Pillow would convert all of it before reducing it.
    """
    mode = "RGBA" if image.has_transparency_data else "CMYK" if image.mode == "CMYK" else "RGB"
    factor = max(max(image.size) // (2 * THUMBNAIL_SIDE), 1)
    decoder = StripDecoder(image)
    black_and_white = _brightness_range(image)
    small = Image.new(mode, (-(-decoder.width // factor), -(-decoder.height // factor)))
    for row in range(0, small.height, _STRIP):
        strip = decoder.rows(row * factor, min((row + _STRIP) * factor, decoder.height))
        small.paste(_to_eight_bits(strip, black_and_white).convert(mode).reduce(factor), (0, row))
    return small


def _brightness_range(image: Image.Image) -> tuple[float, float] | None:
    """Return the values of black and white, if a pixel isn't a byte.

    16 bits are brightness from a camera or scanner. 32 bits are measurements, of any range.
    """
    if image.mode.startswith("I;16"):
        return _SIXTEEN_BITS
    if image.mode not in {"F", "I"}:
        return None
    low, high = cast(tuple[float, float], image.getextrema())  # there is one band
    return (low, high) if math.isfinite(high - low) and high > low else None


def _to_eight_bits(image: Image.Image, black_and_white: tuple[float, float] | None) -> Image.Image:
    if black_and_white is None:
        return image
    low, high = black_and_white
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    scale = _WHITE / (high - low)
    return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")
