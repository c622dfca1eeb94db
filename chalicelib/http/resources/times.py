"""Times in resources."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, to_builtins

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""RFC 3339, in UTC with milliseconds."""


def rfc3339_or_none(moment: datetime | None) -> str | None:
    """Return the time in RFC 3339, None if there is none."""
    return None if moment is None else rfc3339(moment)


def rfc3339(moment: datetime) -> str:
    """Return a time in RFC 3339, in UTC with milliseconds.

    msgspec takes a fifth of the time of `isoformat`. Its form is RFC 3339 with all six digits of the fraction, or
    without a fraction if that is 0. https://jcristharif.com/msgspec/supported-types.html#datetime
    """
    text: str = to_builtins(moment.astimezone(UTC))
    return f"{text[:23]}Z" if moment.microsecond else f"{text[:19]}.000Z"
