"""The JSON form of API tokens."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from chalicelib.core.accounts.create_token import CreatedToken
from chalicelib.core.accounts.model import ApiToken, Scope
from chalicelib.http.resources.times import Time, rfc3339, rfc3339_or_none

Scopes = Annotated[list[Scope], Meta(description="What it allows. Each includes those before it.")]
TokenName = Annotated[str, Meta(description="What it was called when it was created.")]
ExpiryTime = Annotated[Time | None, Meta(description="When it expires; null: never.")]


class TokenResource(Struct):
    """An API token, without the token itself."""

    id: Annotated[UUID, Meta(description="For `DELETE /api/tokens/{id}`. It gives no access.")]
    name: TokenName
    owner: Annotated[str, Meta(description="Whose files it gives access to.")]
    scopes: Scopes
    created_at: Annotated[Time, Meta(description="When it was created.")]
    expires_at: ExpiryTime
    last_used_at: Annotated[Time | None, Meta(description="Up to a minute before its last use.")]
    revoked_at: Annotated[Time | None, Meta(description="When it was revoked.")]


class CreatedTokenResource(TokenResource):
    """An API token."""

    token: Annotated[str, Meta(description="The token itself, which no other response has.")]


def token_resource(token: ApiToken) -> TokenResource:
    """Return the token's JSON form."""
    return TokenResource(
        id=token.id,
        name=token.name,
        owner=token.owner,
        scopes=sort_scopes(token.scopes),
        created_at=rfc3339(token.created_at),
        expires_at=rfc3339_or_none(token.expires_at),
        last_used_at=rfc3339_or_none(token.last_used_at),
        revoked_at=rfc3339_or_none(token.revoked_at),
    )


def created_token_resource(created: CreatedToken) -> CreatedTokenResource:
    """Return the JSON form of a new token."""
    resource = token_resource(created.row)
    fields = {name: getattr(resource, name) for name in TokenResource.__struct_fields__}
    return CreatedTokenResource(**fields, token=created.secret)


def sort_scopes(scopes: Iterable[Scope]) -> list[Scope]:
    """Return the scopes so that each includes those before it."""
    return sorted(scopes, key=list(Scope).index)
