"""The API tokens."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.tables import tokens
from chalicelib.core.accounts.model import AllOwners, ApiToken, NewToken, Owners, Scope
from chalicelib.core.accounts.ports import LAST_USE_INTERVAL

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

    def use(self, key: bytes | UUID) -> ApiToken | None:
        is_wanted = tokens.c.id == key if isinstance(key, UUID) else tokens.c.digest == key
        is_due = or_(tokens.c.last_used_at.is_(None), tokens.c.last_used_at < func.now() - LAST_USE_INTERVAL)
        used = (
            update(tokens)
            .where(is_wanted, tokens.c.revoked_at.is_(None), ~_IS_EXPIRED, is_due)
            .values(last_used_at=func.now())
            .cte("used")
        )
        statement = select(*_COLUMNS).where(is_wanted).add_cte(used)
        return _first_token(self._database.read(statement))

    def list(self, owners: Owners, limit: int) -> Sequence[ApiToken]:
        statement = select(*_COLUMNS).where(_belongs_to(owners)).order_by(tokens.c.id.desc()).limit(limit)
        return [_to_token(row) for row in self._database.read(statement)]

    def revoke(self, owners: Owners, token_id: UUID) -> ApiToken | None:
        statement = (
            update(tokens)
            .where(and_(_belongs_to(owners), tokens.c.id == token_id))
            .values(revoked_at=func.coalesce(tokens.c.revoked_at, func.now()))
            .returning(*_COLUMNS)
        )
        return _first_token(self._database.fetch_all(statement))


def _belongs_to(owners: Owners) -> ColumnElement[bool]:
    return true() if isinstance(owners, AllOwners) else tokens.c.owner == owners


def _to_token(row: Row[Any]) -> ApiToken:
    return ApiToken(**{**row._mapping, "scopes": frozenset(map(Scope, row.scopes))})


def _first_token(rows: Sequence[Row[Any]]) -> ApiToken | None:
    return _to_token(rows[0]) if rows else None
