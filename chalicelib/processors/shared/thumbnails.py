"""Thumbnails, as every kind makes them."""

import io

from PIL import Image, ImageOps

from chalicelib.core.described import THUMBNAIL_SIDE

QUALITY = 80
"""WebP's scale to 100. About 20 KB for a photograph of this size."""

_INDEXED = {"1", "P", "PA"}
"""Modes whose values can't be averaged."""


def webp(image: Image.Image) -> bytes:
    """Return the picture as WebP, upright, shrunk to THUMBNAIL_SIDE but never enlarged, with its transparency.

    The picture given is shrunk itself, so that it is never held twice.
    """
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode in _INDEXED:
        image = image.convert(mode)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):  # 16 bits of grey
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    target = io.BytesIO()
    upright.convert(mode).save(target, "WEBP", quality=QUALITY)
    return target.getvalue()
