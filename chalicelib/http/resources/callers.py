"""The JSON form of who makes a request."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from chalicelib.core.accounts.model import Caller, CredentialKind
from chalicelib.http.resources.times import rfc3339_or_none
from chalicelib.http.resources.tokens import ExpiryTime, Scopes, TokenName, sort_scopes


class CallersTokenResource(Struct):
    """The API token of a request."""

    id: Annotated[UUID, Meta(description="As in the list of tokens.")]
    name: TokenName
    expires_at: ExpiryTime


class CallerResource(Struct):
    """Who makes a request."""

    owner: Annotated[str, Meta(description="Who owns what it creates.")]
    scopes: Scopes
    credential: Annotated[CredentialKind, Meta(description="How it was identified.")]
    token: Annotated[CallersTokenResource | None, Meta(description="The API token; null without one.")]


def caller_resource(caller: Caller) -> CallerResource:
    """Return the caller's JSON form."""
    token = caller.token
    return CallerResource(
        owner=caller.owner,
        scopes=sort_scopes(caller.scopes),
        credential=caller.credential,
        token=CallersTokenResource(token.id, token.name, rfc3339_or_none(token.expires_at)) if token else None,
    )
