"""Images: format and dimensions, from the header alone."""

from typing import Any, BinaryIO

from PIL import Image

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError

VERSION = 1

# Pillow's guard against decompression bombs refuses to open large images. Nothing is decompressed here, and
# a user should see how large the image is.
Image.MAX_IMAGE_PIXELS = None


def describe(source: BinaryIO, size: int) -> dict[str, Any]:  # noqa: ARG001  # every processor takes the size
    """Return `format` (as Pillow names it), `width` and `height` in pixels, and `mode`."""
    try:
        with Image.open(source) as image:
            return {
                "format": image.format,
                "width": image.width,
                "height": image.height,
                "mode": image.mode,
            }
    except (OSError, SyntaxError, ValueError) as fault:
        raise BadContentError(UNREADABLE_IMAGE, reason=_reason(fault)) from fault


def _reason(fault: Exception) -> str:
    # Pillow's own text for a file that no plug-in recognises holds the address of an object in memory.
    return "its header is broken" if "cannot identify" in str(fault) else str(fault)
