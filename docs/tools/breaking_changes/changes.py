"""What a change of the API's description means for clients that were written for the previous one."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How a client notices a change."""

    BREAKING = "breaking"
    """A request that worked is refused or does something else, or a response isn't what the client expects."""
    WARNING = "warning"
    """Only some clients notice it, such as one that knows each value of an enumeration."""


class Direction(StrEnum):
    """Who sends what a schema describes. Requests may get wider and responses narrower, not the other way."""

    REQUEST = "requests"
    RESPONSE = "responses"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that clients notice."""

    severity: Severity
    place: str
    """What has changed, such as "the query parameter `limit`"."""
    what: str
    """How, such as "maximum was 1000, is 500"."""
