"""Thumbnails, as every kind makes them."""

import io

from PIL import ExifTags, Image, ImageOps
from PIL.WebPImagePlugin import WebPImageFile  # Pillow would load all of its plugins for this one

from chalicelib.core.described import THUMBNAIL_SIDE

QUALITY = 80
"""WebP's scale to 100. About 20 KB for a photograph of this size."""

_STRIP = 8
"""Rows of the shrunk picture that are made at once."""


def webp(image: Image.Image) -> bytes:
    """Return the picture as WebP, upright, shrunk to THUMBNAIL_SIDE but never enlarged, with its transparency.

    Beside the picture itself, little memory is taken.
    """
    mode = "RGBA" if image.has_transparency_data else "RGB"
    small = _reduced(image, mode)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    small.getexif()[ExifTags.Base.Orientation] = image.getexif().get(ExifTags.Base.Orientation, 1)
    target = io.BytesIO()
    ImageOps.exif_transpose(small).save(target, WebPImageFile.format, quality=QUALITY, exif=b"")
    return target.getvalue()


def _reduced(image: Image.Image, mode: str) -> Image.Image:
    """Return the picture in another mode, at a whole fraction of its size that is still too large.

    That is done strip by strip, because Pillow converts all of a picture before it shrinks it.
    """
    factor = max(max(image.size) // (2 * THUMBNAIL_SIDE), 1)
    image.load()  # which may turn it
    width, height = image.size
    small = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for row in range(0, small.height, _STRIP):
        strip = image.crop((0, row * factor, width, min((row + _STRIP) * factor, height)))
        small.paste(_converted(strip, mode).reduce(factor), (0, row))
    return small


def _converted(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert(mode)
