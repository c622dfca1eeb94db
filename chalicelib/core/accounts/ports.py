"""What accounts need from the database."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from chalicelib.core.accounts.model import ApiToken, NewToken, Owners
from chalicelib.core.limits.request_rate import NO_REQUEST_LIMITS, RequestLimits

LAST_USE_INTERVAL = timedelta(minutes=1)
"""A token's last use is written at most this often."""


class Tokens(Protocol):
    """The API tokens. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def add(self, token: NewToken, expires_in: timedelta | None) -> ApiToken:
        """Add a token and return it. Without a time it doesn't expire."""

    def use(
        self, key: bytes | UUID, limits: RequestLimits = NO_REQUEST_LIMITS, counted_for: str | None = None
    ) -> ApiToken | None:
        """Return the token with this digest or this id; None if there is none. Its last use is written unless it
        has expired or was revoked, at most once in LAST_USE_INTERVAL.

        If the token may be used, the request is counted as `RequestRates.count` does, for the token's owner or the
        one that `counted_for` names, if that owner has a limit.
        """

    def list(self, owners: Owners, limit: int, before: UUID | None) -> Sequence[ApiToken]:
        """Return up to `limit` tokens, the newest first, also those that have expired or were revoked; with
        `before`, those with a smaller id."""

    def revoke(self, owners: Owners, token_id: UUID) -> ApiToken | None:
        """Revoke the token and return it; one that was revoked already stays as it is. None if there is none."""
