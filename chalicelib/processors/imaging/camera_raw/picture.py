"""What is known of a raw file without decoding it."""

from msgspec import Struct, field


class RawPicture(Struct, frozen=True):
    """The facts in a raw file's directories, and where its previews are."""

    dimensions: tuple[int, int] | None = None
    """Width and height of the picture as stored, without the border that cameras cut off."""

    orientation: int | None = None
    """EXIF's number, if the picture is stored rotated or mirrored."""

    exif: dict[str, str | float] = field(default_factory=dict)

    previews: tuple[tuple[int, int], ...] = ()
    """The offset and the length of each JPEG that the camera put into the file. They may be anything."""


def orientation_of(degrees: int) -> int | None:
    """Return EXIF's number for a picture that has to be turned clockwise by so much to be upright."""
    return {90: 6, 180: 3, 270: 8}.get(degrees)
