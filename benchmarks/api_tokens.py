"""API tokens with which benchmarks call the service."""

import uuid_utils.compat as uuids

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.tokens import PostgresTokens
from chalicelib.core.accounts.api_tokens import digest_of, generate_token
from chalicelib.core.accounts.model import NewToken, Scope


def issue_token(url: str) -> str:
    """Add a token of the million files' owner to the database, and return it."""
    token = generate_token()
    new = NewToken(
        id=uuids.uuid7(),
        digest=digest_of(token),
        name="benchmark",
        owner="everyone",
        scopes=frozenset({Scope.READ}),
    )
    PostgresTokens(Database(url)).add(new, None)
    return token
