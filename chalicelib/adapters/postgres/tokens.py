"""The API tokens."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import Executable, Row, Text, and_, bindparam, case, false, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.fragments import belongs_to
from chalicelib.adapters.postgres.request_rates import count_requests, interval, parse_counted
from chalicelib.adapters.postgres.tables import tokens
from chalicelib.core.accounts.model import ApiToken, NewToken, Owners, Scope
from chalicelib.core.accounts.ports import LAST_USE_INTERVAL
from chalicelib.core.limits.request_rate import NO_REQUEST_LIMITS, RequestLimits

_IS_EXPIRED = func.coalesce(tokens.c.expires_at <= func.now(), false())
_COLUMNS = (
    *(column for column in tokens.c if column is not tokens.c.digest),
    _IS_EXPIRED.label("is_expired"),
)


class PostgresTokens:
    """Implements `chalicelib.core.accounts.ports.Tokens`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: NewToken, expires_in: timedelta | None) -> ApiToken:
        statement = insert(tokens).values(
            id=token.id,
            digest=token.digest,
            name=token.name,
            owner=token.owner,
            scopes=sorted(token.scopes),
            expires_at=None if expires_in is None else func.now() + expires_in,
        )
        # An UPDATE that changes nothing, because DO NOTHING returns no row: the connection was lost after it was
        # added.
        added = statement.on_conflict_do_update(
            index_elements=[tokens.c.id], set_={"id": statement.excluded.id}
        ).returning(*_COLUMNS)
        return _to_token(self._database.fetch_all(added)[0])

    def use(
        self, key: bytes | UUID, limits: RequestLimits = NO_REQUEST_LIMITS, counted_for: str | None = None
    ) -> ApiToken | None:
        by = tokens.c.id if isinstance(key, UUID) else tokens.c.digest
        if not limits.exist:
            return _first_token(self._database.read(_use_statement(by.name, limits), {"key": key}))
        parameters = {"key": key, "counted_for": counted_for}
        return _first_counted_token(self._database.read(_use_statement(by.name, limits), parameters), limits)

    def list(self, owners: Owners, limit: int, before: UUID | None) -> Sequence[ApiToken]:
        is_owned = belongs_to(owners, tokens.c.owner)
        is_wanted = is_owned if before is None else and_(is_owned, tokens.c.id < before)
        statement = select(*_COLUMNS).where(is_wanted).order_by(tokens.c.id.desc()).limit(limit)
        return [_to_token(row) for row in self._database.read(statement)]

    def revoke(self, owners: Owners, token_id: UUID) -> ApiToken | None:
        statement = (
            update(tokens)
            .where(and_(belongs_to(owners, tokens.c.owner), tokens.c.id == token_id))
            .values(revoked_at=func.coalesce(tokens.c.revoked_at, func.now()))
            .returning(*_COLUMNS)
        )
        return _first_token(self._database.fetch_all(statement))


@cache
def _use_statement(by: str, limits: RequestLimits) -> Executable:
    """Return the statement that uses the token whose column `by` is the parameter `key`. It is kept, because
    SQLAlchemy takes more than a millisecond to make it."""
    is_wanted = tokens.c[by] == bindparam("key", type_=tokens.c[by].type)
    may_be_used = and_(tokens.c.revoked_at.is_(None), ~_IS_EXPIRED)
    is_due = or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at < func.now() - LAST_USE_INTERVAL)
    used = update(tokens).where(is_wanted, may_be_used, is_due).values(last_used_at=func.now()).cte("used")
    if not limits.exist:
        return select(*_COLUMNS).where(is_wanted).add_cte(used)
    owner = func.coalesce(bindparam("counted_for", type_=Text), tokens.c.owner)
    allowed = case((may_be_used, interval(owner, limits).element))
    callers = select(owner.label("owner"), allowed.label("interval")).where(is_wanted).cte("callers")
    counting = count_requests(callers, limits)
    return (
        select(*_COLUMNS, callers.c.owner.label("counted_owner"), *counting.columns)
        .select_from(tokens.join(counting.joined_to_callers, true()))
        .where(is_wanted)
        .add_cte(used)
    )


def _to_token(row: Row[Any]) -> ApiToken:
    fields = {column.name: getattr(row, column.name) for column in _COLUMNS}
    return ApiToken(**{**fields, "scopes": frozenset(map(Scope, row.scopes))})


def _first_token(rows: Sequence[Row[Any]]) -> ApiToken | None:
    return _to_token(rows[0]) if rows else None


def _first_counted_token(rows: Sequence[Row[Any]], limits: RequestLimits) -> ApiToken | None:
    token = _first_token(rows)
    if token is None or token.revoked_at is not None or token.is_expired:
        return token
    return replace(token, counted=parse_counted(rows[0], limits.of(rows[0].counted_owner)))
