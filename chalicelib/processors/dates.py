"""Dates in files' metadata: which of them are dates at all."""

import re
from datetime import date, datetime, time, timedelta, timezone

_DATE = re.compile(
    r"(?P<year>\d{4})(?:[-:/.](?P<month>\d\d)(?:[-:/.](?P<day>\d\d)"
    r"(?:[T ]+(?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?)?"
    r" ?(?:Z|UTC|(?P<zone_hours>[+-]\d\d):?(?P<zone_minutes>[0-5]\d)?)?)?)?)?",
    re.ASCII,
)
"""ISO 8601, also with the separators of EXIF 2.32 (4.6.5), and shortened to the year or the month."""

_LEAP_SECOND = 60
"""datetime knows none."""

_UNSET_DAYS = frozenset(
    {
        date(1, 1, 1),  # .NET's smallest date
        date(1601, 1, 1),  # Windows' file times begin. MS-DTYP, 2.3.3
        date(1899, 12, 30),  # OLE's dates begin. MS-OAUT, 2.2.25
        date(9999, 12, 31),  # the largest one of .NET and SQL
    }
)
_UNSET_MOMENTS = frozenset(
    {
        datetime(1904, 1, 1),  # noqa: DTZ001  # QuickTime's and ISO media's times begin. ISO/IEC 14496-12, 8.2.2
        datetime(1970, 1, 1),  # noqa: DTZ001  # Unix times begin
        datetime(1980, 1, 1),  # noqa: DTZ001  # DOS's times, and so those in zips, begin. APPNOTE 4.4.6
    }
)
"""What programs write as numbers that were never set. Of the first, the time of day depends on the time zone."""


def is_real_date(text: str) -> bool:
    """Return whether the text is a date of the calendar that may say when something happened.

    It is written as in ISO 8601 or EXIF: `2024`, `2024-05`, `2024:05:31 10:00:00`, `2024-05-31T10:00:00.5+02:00`.
    None of them are `0000:00:00 00:00:00`, blanks, `2024-13-40`, an offset of 99 hours, and the dates of numbers
    that were never set. A date in the future is one: a camera's clock may be wrong, and the clock here too.
    """
    match = _DATE.fullmatch(text.strip(" \0"))
    if match is None:
        return False
    parts = {name: int(digits) for name, digits in match.groupdict().items() if digits}
    try:
        day = date(parts["year"], parts.get("month", 1), parts.get("day", 1))
        second = parts.get("second", 0)
        at = time(parts.get("hour", 0), parts.get("minute", 0), second - (second == _LEAP_SECOND))
        timezone(timedelta(hours=parts.get("zone_hours", 0), minutes=parts.get("zone_minutes", 0)))
    except ValueError:
        return False
    is_unset_moment = "hour" in parts and datetime.combine(day, at) in _UNSET_MOMENTS
    return day not in _UNSET_DAYS and not is_unset_moment
