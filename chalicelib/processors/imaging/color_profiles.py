"""Convert colors to sRGB, which screens expect."""

import io
from contextlib import suppress

from PIL import Image, ImageCms

MAX_PROFILE = 4 * 1024 * 1024
"""Bytes of a profile that is used. Those of printers have one to three megabytes."""


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Return the picture, in RGB or RGBA, with the colors that its ICC profile defines.

    If the profile is damaged, for another kind of picture or too large, the values are kept, as by programs that
    ignore profiles. Embedding the profile in the thumbnail would be simpler, but WebP has no CMYK, and a
    profile may be fifty times as large as a thumbnail.
    """
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if isinstance(profile, bytes) and len(profile) <= MAX_PROFILE:
        with suppress(Exception):  # lcms raises any exception; the profile is optional
            embedded, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, embedded, srgb, outputMode=mode)
            if converted is not None:
                return converted
    return image.convert(mode)
