"""Images: format and dimensions, from the header alone."""

import warnings
from typing import Any, BinaryIO

from PIL import Image

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError, ServiceError

VERSION = 1

# Pillow's guard against decompression bombs refuses to open large images. Nothing is decompressed here, and
# a user should see how large the image is.
Image.MAX_IMAGE_PIXELS = None


def describe(source: BinaryIO, size: int) -> dict[str, Any]:  # noqa: ARG001  # every processor takes the size
    """Return `format` (as Pillow names it), `width` and `height` in pixels, and `mode`."""
    try:
        # Pillow warns of oddities, such as damaged EXIF data, that don't keep it from opening the image.
        with warnings.catch_warnings(action="ignore"), Image.open(source) as image:
            return {
                "format": image.format,
                "width": image.width,
                "height": image.height,
                "mode": image.mode,
            }
    except ServiceError:
        raise  # the storage's fault, not the image's
    except Exception as fault:  # hostile bytes make Pillow's plug-ins raise whatever they stumble over
        raise BadContentError(UNREADABLE_IMAGE) from fault
