"""Thumbnails, as every kind makes them."""

import io
import math
from typing import cast

from PIL import ExifTags, Image, ImageOps
from PIL.WebPImagePlugin import WebPImageFile  # Pillow would load all of its plugins for this one

from chalicelib.core.processing.processor_result import THUMBNAIL_SIDE
from chalicelib.processors.imaging.color_profiles import to_srgb
from chalicelib.processors.imaging.strip_decoder import Pixels

QUALITY = 80
"""WebP's scale to 100. About 20 KB for a photograph of this size."""

_STRIP = 8
"""Rows of the shrunk picture that are made at once."""

_WHITE = 255
_SIXTEEN_BITS = (0, 65280)
"""What 16 bits of grey go to and 8 bits of it show as black and white: their lower byte is left out."""


def webp(image: Image.Image) -> bytes:
    """Return the picture as WebP, upright, shrunk to THUMBNAIL_SIDE but never enlarged, with its transparency, in
    sRGB.

    Beside the picture itself, little memory is taken.
    """
    profile = image.info.get("icc_profile")
    small = _reduced(image)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    small = to_srgb(small, profile)
    small.getexif()[ExifTags.Base.Orientation] = image.getexif().get(ExifTags.Base.Orientation, 1)
    target = io.BytesIO()
    ImageOps.exif_transpose(small).save(target, WebPImageFile.format, quality=QUALITY, exif=b"")
    return target.getvalue()


def _reduced(image: Image.Image) -> Image.Image:
    """Return the picture in RGB, RGBA or CMYK, at a whole fraction of its size that is still too large.

    That is done strip by strip, because Pillow converts all of a picture before it shrinks it.
    """
    mode = "RGBA" if image.has_transparency_data else "CMYK" if image.mode == "CMYK" else "RGB"
    factor = max(max(image.size) // (2 * THUMBNAIL_SIDE), 1)
    pixels = Pixels(image)
    shown = _range(image)
    small = Image.new(mode, (-(-pixels.width // factor), -(-pixels.height // factor)))
    for row in range(0, small.height, _STRIP):
        strip = pixels.rows(row * factor, min((row + _STRIP) * factor, pixels.height))
        small.paste(_eight_bits(strip, shown).convert(mode).reduce(factor), (0, row))
    return small


def _range(image: Image.Image) -> tuple[float, float] | None:
    """Return which values are black and white, where a pixel is no byte.

    Those of 16 bits are brightness, as a camera or scanner has it. Those of 32 are measurements, of any range.
    """
    if image.mode.startswith("I;16"):
        return _SIXTEEN_BITS
    if image.mode not in {"F", "I"}:
        return None
    low, high = cast(tuple[float, float], image.getextrema())  # there is one band
    return (low, high) if math.isfinite(high - low) and high > low else None


def _eight_bits(image: Image.Image, shown: tuple[float, float] | None) -> Image.Image:
    if shown is None:
        return image
    low, high = shown
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    scale = _WHITE / (high - low)
    return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")
