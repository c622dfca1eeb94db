"""Colours as screens expect them: sRGB."""

import io
from contextlib import suppress

from PIL import Image

MAX_PROFILE = 4 * 1024 * 1024
"""Bytes of a profile that is looked at. Those of printers have one to three megabytes."""


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Return the picture, in RGB or RGBA, with the colours that its ICC profile gives them.

    Where the profile is damaged, of another kind of picture or too large, the numbers stay what they are, as in
    programs that know nothing of profiles. To pass the profile on would be simpler, but WebP has no CMYK, and a
    profile may be fifty times as large as a thumbnail.
    """
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if isinstance(profile, bytes) and len(profile) <= MAX_PROFILE:
        with suppress(Exception):  # lcms raises what it stumbles over; there is a picture all the same
            from PIL import ImageCms  # 4 ms, for pictures without a profile too

            embedded, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, embedded, srgb, outputMode=mode)
            if converted is not None:
                return converted
    return image.convert(mode)
