"""What limits need from the database. That quotas aren't exceeded is up to the methods that add files."""

from typing import Protocol

from chalicelib.core.limits.model import Usage


class UsageCounts(Protocol):
    """What each owner has stored. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond.
    """

    def get(self, owner: str) -> Usage:
        """Return what the owner has used, which is 0 of everything for an unknown one."""
