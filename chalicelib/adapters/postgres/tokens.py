"""The API tokens."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from chalicelib.adapters.postgres.conditions import belongs_to, owner_parameter
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.request_rates import (
    COUNT_CALLER,
    COUNTED_COLUMNS,
    COUNTED_TABLES,
    OWN_LIMITS,
    REQUEST_INTERVAL,
    limit_parameters,
    parse_counted,
)
from chalicelib.core.accounts.model import ApiToken, NewToken, Owners, Scope
from chalicelib.core.accounts.ports import LAST_USE_INTERVAL
from chalicelib.core.limits.request_rate import NO_REQUEST_LIMITS, CountedRequest, RequestLimits

IS_EXPIRED = "coalesce(tokens.expires_at <= now(), false)"

MAY_BE_USED = f"(tokens.revoked_at IS NULL AND NOT {IS_EXPIRED})"

IS_WANTED = "(tokens.id = %(id)s OR tokens.digest = %(digest)s)"
"""One of the two is null, and then the planner ignores that condition."""

COLUMNS = f"""
    tokens.id, tokens.name, tokens.owner, tokens.scopes, tokens.created_at, tokens.expires_at,
    tokens.last_used_at, tokens.revoked_at, {IS_EXPIRED} AS is_expired
"""
"""What `_to_token` needs."""

ADD = f"""
INSERT INTO tokens (id, digest, name, owner, scopes, expires_at)
VALUES (%(id)s, %(digest)s, %(name)s, %(owner)s, %(scopes)s, now() + %(expires_in)s::interval)
ON CONFLICT (id) DO UPDATE SET id = excluded.id
RETURNING {COLUMNS}
"""
"""An UPDATE that changes nothing, because DO NOTHING returns no row: the connection was lost after it
was added."""

LIST = f"SELECT {COLUMNS} FROM tokens"

REVOKE = "UPDATE tokens SET revoked_at = coalesce(tokens.revoked_at, now())"

LAST_USE = f"""
used AS (
    UPDATE tokens SET last_used_at = now()
    WHERE {IS_WANTED} AND {MAY_BE_USED}
        AND (tokens.last_used_at IS NULL OR tokens.last_used_at < now() - %(last_use_interval)s)
)
"""
"""Writes when the token was used last."""

USE = f"""
WITH {LAST_USE}
SELECT {COLUMNS} FROM tokens WHERE {IS_WANTED}
"""

USE_AND_COUNT = f"""
WITH {LAST_USE},
counted_owners AS (
    SELECT coalesce(%(counted_for)s, tokens.owner) AS owner, {MAY_BE_USED} AS may_use
    FROM tokens WHERE {IS_WANTED}
),
callers AS (
    SELECT counted_owners.owner, CASE WHEN counted_owners.may_use THEN {REQUEST_INTERVAL} END AS request_interval
    FROM counted_owners LEFT JOIN {OWN_LIMITS} ON own_limits.owner = counted_owners.owner
),
{COUNT_CALLER}
SELECT {COLUMNS}, callers.owner AS counted_owner, {COUNTED_COLUMNS}
FROM tokens CROSS JOIN {COUNTED_TABLES}
WHERE {IS_WANTED}
"""


class PostgresTokens:
    """Implements `chalicelib.core.accounts.ports.Tokens`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: NewToken, expires_in: timedelta | None) -> ApiToken:
        parameters = {
            "id": token.id,
            "digest": token.digest,
            "name": token.name,
            "owner": token.owner,
            "scopes": sorted(token.scopes),
            "expires_in": expires_in,
        }
        return _to_token(self._database.fetch_all(ADD, parameters)[0])

    def use(
        self, key: bytes | UUID, limits: RequestLimits = NO_REQUEST_LIMITS, counted_for: str | None = None
    ) -> ApiToken | None:
        parameters: dict[str, Any] = {"id": None, "digest": None, "last_use_interval": LAST_USE_INTERVAL}
        parameters["id" if isinstance(key, UUID) else "digest"] = key
        if not limits.exist:
            return _first_token(self._database.read(USE, parameters))
        parameters |= {"counted_for": counted_for, **limit_parameters(limits)}
        return _first_token(self._database.read(USE_AND_COUNT, parameters), limits)

    def list(self, owners: Owners, limit: int, before: UUID | None) -> Sequence[ApiToken]:
        is_older = "true" if before is None else "tokens.id < %(before)s"
        is_owned = belongs_to(owners, "tokens.owner")
        statement = f"{LIST} WHERE {is_owned} AND {is_older} ORDER BY tokens.id DESC LIMIT %(limit)s"
        parameters = {**owner_parameter(owners), "before": before, "limit": limit}
        return [_to_token(row) for row in self._database.read(statement, parameters)]

    def revoke(self, owners: Owners, token_id: UUID) -> ApiToken | None:
        is_owned = belongs_to(owners, "tokens.owner")
        statement = f"{REVOKE} WHERE {is_owned} AND tokens.id = %(id)s RETURNING {COLUMNS}"
        return _first_token(self._database.fetch_all(statement, {**owner_parameter(owners), "id": token_id}))


def _to_token(row: Any, counted: CountedRequest | None = None) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        owner=row.owner,
        scopes=frozenset(map(Scope, row.scopes)),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
        is_expired=row.is_expired,
        counted=counted,
    )


def _first_token(rows: Sequence[Any], limits: RequestLimits = NO_REQUEST_LIMITS) -> ApiToken | None:
    """Return the token of the first row, with the counted request if its owner has a limit."""
    if not rows:
        return None
    row = rows[0]
    if row.revoked_at is not None or row.is_expired or not limits.exist:
        return _to_token(row)
    return _to_token(row, parse_counted(row, limits.of(row.counted_owner)))
