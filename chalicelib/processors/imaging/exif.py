"""The facts in EXIF data: about the camera and how the picture was taken. EXIF 2.32, 4.6"""

from collections.abc import Callable
from contextlib import suppress

from PIL import ExifTags

from chalicelib.processors.dates import is_real_date

_FACTS = {
    ExifTags.Base.Make: "make",
    ExifTags.Base.Model: "model",
    ExifTags.Base.Software: "software",
    ExifTags.Base.DateTime: "changed_at",
    ExifTags.Base.DateTimeOriginal: "taken_at",
    ExifTags.Base.OffsetTimeOriginal: "taken_at_offset",
    ExifTags.Base.LensModel: "lens",
    ExifTags.Base.ExposureTime: "exposure_seconds",
    ExifTags.Base.FNumber: "f_number",
    ExifTags.Base.ISOSpeedRatings: "iso",
    ExifTags.Base.FocalLength: "focal_length_mm",
}
"""The EXIF tags that are shown. Not the position, serial numbers or the owner's name: pictures are often passed on
by people who don't know that they contain these."""

_DATES = {"changed_at", "taken_at"}


def read_facts(*values_of: Callable[[int], object]) -> dict[str, str | float]:
    """Return the facts by name. Each function returns a tag's value in one part of the data, or None."""
    facts: dict[str, str | float] = {}
    for value_of in values_of:
        facts |= {name: fact for tag, name in _FACTS.items() if (fact := _fact(name, value_of(tag))) is not None}
    if not is_real_date(f"{facts.get('taken_at')}{facts.get('taken_at_offset', '')}"):
        facts.pop("taken_at_offset", None)  # blanks and a colon, or of no date
    return facts


def valid_orientation(value: object) -> int | None:
    """Return EXIF's number for a picture that is stored rotated or mirrored, or None for one that isn't."""
    return int(value) if isinstance(value, int | float) and value in range(2, 9) else None


def _fact(name: str, value: object) -> str | float | None:
    """Return a tag's value, or None if it says nothing.

    Cameras whose clock isn't set write blanks or zeros for a date, and those that get no data from their lens
    write 0 for its numbers.
    """
    plain = _plain(value)
    return None if plain == 0 or (name in _DATES and not is_real_date(str(plain))) else plain


def _plain(value: object) -> str | float | None:
    """Return a tag's value as text or number; rationals become numbers, and anything else is left out."""
    if isinstance(value, str):
        return value.strip(" \0") or None
    with suppress(TypeError, ValueError, ArithmeticError):
        number = float(value)  # type: ignore[arg-type]  # what isn't a number raises
        return int(number) if number.is_integer() else round(number, 6)
    return None
