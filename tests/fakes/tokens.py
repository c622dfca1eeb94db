"""`Tokens` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from chalicelib.core.accounts.model import ApiToken, NewToken, Owners
from chalicelib.core.accounts.ports import LAST_USE_INTERVAL
from chalicelib.core.limits.request_rate import NO_REQUEST_LIMITS, RequestLimits
from tests.fakes.request_rates import FakeRequestRates
from tests.fakes.table import belongs_to, now


@dataclass
class FakeTokens:
    """`Tokens` in memory."""

    rows: dict[UUID, ApiToken] = field(default_factory=dict)
    ids: dict[bytes, UUID] = field(default_factory=dict)
    """By digest."""
    request_rates: FakeRequestRates = field(default_factory=FakeRequestRates)

    def add(self, token: NewToken, expires_in: timedelta | None) -> ApiToken:
        created_at = now()
        row = ApiToken(
            id=token.id,
            name=token.name,
            owner=token.owner,
            scopes=token.scopes,
            created_at=created_at,
            expires_at=None if expires_in is None else created_at + expires_in,
            last_used_at=None,
            revoked_at=None,
            is_expired=False,
        )
        self.ids[token.digest] = token.id
        self.rows.setdefault(token.id, row)
        return _check_expiry(self.rows[token.id])

    def use(
        self, key: bytes | UUID, limits: RequestLimits = NO_REQUEST_LIMITS, counted_for: str | None = None
    ) -> ApiToken | None:
        row = self.rows.get(key if isinstance(key, UUID) else self.ids.get(key, UUID(int=0)))
        if row is None:
            return None
        token = _check_expiry(row)
        if token.revoked_at is not None or token.is_expired:
            return token
        is_due = token.last_used_at is None or token.last_used_at < now() - LAST_USE_INTERVAL
        if is_due:
            self.rows[token.id] = replace(token, last_used_at=now())
        owner = counted_for or token.owner
        if (limit := limits.of(owner)) is None:
            return token
        return replace(token, counted=self.request_rates.count(owner, limit))

    def list(self, owners: Owners, limit: int, before: UUID | None) -> Sequence[ApiToken]:
        newest_first = [row for _, row in sorted(self.rows.items(), reverse=True) if belongs_to(owners, row.owner)]
        wanted = [row for row in newest_first if before is None or row.id < before]
        return [_check_expiry(row) for row in wanted[:limit]]

    def revoke(self, owners: Owners, token_id: UUID) -> ApiToken | None:
        row = self.rows.get(token_id)
        if row is None or not belongs_to(owners, row.owner):
            return None
        self.rows[token_id] = replace(row, revoked_at=row.revoked_at or now())
        return _check_expiry(self.rows[token_id])


def _check_expiry(token: ApiToken) -> ApiToken:
    return replace(token, is_expired=token.expires_at is not None and token.expires_at <= now())
