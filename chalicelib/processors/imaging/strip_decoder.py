"""A picture's pixels, of which a strip at a time is made an image."""

from typing import Any

from PIL import Image

COPIED = {"AVIF", "HEIF", "WEBP"}
"""Formats whose libraries decode into memory of their own, which Pillow copies: another 4 bytes a pixel."""


class _Taken(Exception):  # noqa: N818  # it is no error
    """Ends Pillow's loading, as the pixels are where they are needed."""


class Pixels:
    """A decoded picture. Decoding it is what takes the memory, and raises what Pillow raises."""

    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self._taken: tuple[memoryview, str, int] | None = None
        """The pixels, Pillow's name of their order, and the bytes of a row."""
        if image.format in COPIED:
            self._take(image)
        else:
            image.load()  # which may turn it
        self.width, self.height = image.size

    def rows(self, top: int, bottom: int) -> Image.Image:
        """Return the picture between two rows, in its own mode."""
        if self._taken is None:
            return self._image.crop((0, top, self.width, bottom))
        data, order, stride = self._taken
        strip = data[top * stride : bottom * stride]
        return Image.frombytes(self._image.mode, (self.width, bottom - top), strip, "raw", (order, stride))

    def _take(self, image: Any) -> None:
        """Let the library decode, and stop before Pillow makes room for its copy.

        Pillow's plugins then have what was decoded as a file in one tile; pi_heif's copies it by `frombytes`.
        """

        def load_prepare() -> None:
            if image.tile:
                order = image.tile[0].args
                self._taken = (memoryview(image.fp.getvalue()), order, image.width * len(order))
                raise _Taken

        def frombytes(data: bytes | memoryview, _: str, layout: tuple[str, int]) -> None:
            self._taken = (memoryview(data), *layout)
            raise _Taken

        image.load_prepare, image.frombytes = load_prepare, frombytes
        try:
            image.load()
        except _Taken:
            return
        raise NotImplementedError(f"Pillow loads {image.format} in another way")
