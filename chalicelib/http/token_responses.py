"""Responses of the routes of tokens."""

from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import urlencode

from chalicelib.core.accounts import create_token
from chalicelib.core.accounts.model import ApiToken
from chalicelib.http.pagination import link_to
from chalicelib.http.resources.tokens import (
    CreatedTokenResource,
    TokenResource,
    created_token_resource,
    token_resource,
)
from chalicelib.http.responses import Link, UncachedResponse
from chalicelib.http.typed_response import Json, TypedResponse


class CreatedToken(UncachedResponse, frozen=True, kw_only=True):
    """The token."""

    status_code: ClassVar[int] = 201
    body: Json[CreatedTokenResource]


class TokenList(UncachedResponse, frozen=True, kw_only=True):
    """A page of tokens."""

    body: Json[list[TokenResource]]
    link: Link


class RevokedToken(TypedResponse, frozen=True, kw_only=True):
    """It is revoked."""

    status_code: ClassVar[int] = 204


def created_token(created: create_token.CreatedToken) -> CreatedToken:
    """Return 201 with the token."""
    return CreatedToken(body=Json[CreatedTokenResource].encode(created_token_resource(created)))


def token_list(tokens: Sequence[ApiToken], limit: int, base_url: str) -> TokenList:
    """Return a page of tokens as a bare array, and after a full page the next one's URL."""
    body = Json[list[TokenResource]].encode([token_resource(token) for token in tokens])
    if len(tokens) < limit:
        return TokenList(body=body, link=None)
    query = urlencode({"limit": limit, "before": tokens[-1].id})
    return TokenList(body=body, link=link_to(f"{base_url}/api/tokens?{query}"))
