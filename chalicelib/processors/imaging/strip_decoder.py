"""Decode a picture and return it in strips, without a second copy of it."""

from typing import Any

from PIL import Image

DECODED_OUTSIDE_PILLOW = {"AVIF", "HEIF", "WEBP"}
"""Formats whose libraries decode into their own memory, which Pillow copies: another 4 bytes a pixel."""


class _PixelsCaptured(Exception):  # noqa: N818  # not an error
    """Ends Pillow's loading, once the decoded pixels are available."""


class StripDecoder:
    """A decoded picture. The constructor decodes all of it at once, and raises what Pillow raises."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self._captured: tuple[memoryview, str, int] | None = None
        """The pixels, Pillow's name for their order, and the bytes of a row."""
        if image.format in DECODED_OUTSIDE_PILLOW:
            self._capture(image)
        else:
            image.load()  # may rotate it, and so change its size
        self.width, self.height = image.size

    def rows(self, top: int, bottom: int) -> Image.Image:
        """Return the picture between two rows, in its own mode."""
        if self._captured is None:
            return self._image.crop((0, top, self.width, bottom))
        data, order, stride = self._captured
        strip = data[top * stride : bottom * stride]
        return Image.frombytes(self._image.mode, (self.width, bottom - top), strip, "raw", (order, stride))

    def _capture(self, image: Any) -> None:
        """Let the library decode, and stop before Pillow allocates its copy.

        Pillow's plugins then hold the decoded pixels as a file in one tile; pi_heif's copies them by `frombytes`.
        """

        def load_prepare() -> None:
            if image.tile:
                order = image.tile[0].args
                self._captured = (memoryview(image.fp.getvalue()), order, image.width * len(order))
                raise _PixelsCaptured

        def frombytes(data: bytes | memoryview, _: str, layout: tuple[str, int]) -> None:
            self._captured = (memoryview(data), *layout)
            raise _PixelsCaptured

        image.load_prepare, image.frombytes = load_prepare, frombytes
        try:
            image.load()
        except _PixelsCaptured:
            return
        raise NotImplementedError(f"Pillow loads {image.format} in an unknown way")
