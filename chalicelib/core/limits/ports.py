"""What limits need from the database. That quotas aren't exceeded is up to the methods that add files."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.core.described_enum import DescribedEnum
from chalicelib.core.limits.model import Usage
from chalicelib.core.limits.request_rate import CountedRequest


class OwnerOrder(DescribedEnum):
    """The order of a list of owners. The owner's name decides between equal ones."""

    NAME = "owner", "By name."
    MOST_BYTES = "-bytes", "The owners with the most bytes first."
    MOST_FILES = "-files", "The owners with the most files first."


class UsageCounts(Protocol):
    """What each owner has stored. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond.
    """

    def get(self, owner: str) -> Usage:
        """Return what the owner has used, which is 0 of everything for an unknown one."""

    def list(self, order: OwnerOrder, limit: int, after: str | None) -> Sequence[tuple[str, Usage]]:
        """Return up to `limit` owners in this order, who have ever had a file, and what each has used; with
        `after`, those that come after the place that this owner has now."""


class RequestRates(Protocol):
    """The requests of each owner. Each call is one statement. A request with an API token is counted by
    `Tokens.use`.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond.
    """

    def count(self, owner: str, limit: int) -> CountedRequest:
        """Count a request of the owner's, who may make `limit` in a minute. One beyond the limit isn't counted,
        and changes nothing. However many there are at once, no more are allowed."""
