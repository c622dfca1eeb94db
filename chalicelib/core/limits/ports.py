"""What limits need from the database. That quotas aren't exceeded is up to the methods that add files."""

from typing import Protocol

from chalicelib.core.limits.model import Usage
from chalicelib.core.limits.request_rate import CountedRequest


class UsageCounts(Protocol):
    """What each owner has stored. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond.
    """

    def get(self, owner: str) -> Usage:
        """Return what the owner has used, which is 0 of everything for an unknown one."""


class RequestRates(Protocol):
    """The requests of each owner. Each call is one statement. A request with an API token is counted by
    `Tokens.use`.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond.
    """

    def count(self, owner: str, limit: int) -> CountedRequest:
        """Count a request of the owner's, who may make `limit` in a minute. One beyond the limit isn't counted,
        and changes nothing. However many there are at once, no more are allowed."""
