"""Times in resources."""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""RFC 3339, in UTC with milliseconds."""


def rfc3339_or_none(moment: datetime | None) -> str | None:
    """Return the time in RFC 3339, None if there is none."""
    return None if moment is None else rfc3339(moment)


def rfc3339(moment: datetime) -> str:
    """Return a time in RFC 3339, in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
