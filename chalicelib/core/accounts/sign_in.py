"""How people sign in to a web page of this service."""

from msgspec import Struct


class OidcClient(Struct, frozen=True, kw_only=True):
    """The issuer's client for web pages: a public one, which has no secret, for authorization codes with PKCE.
    https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth"""

    issuer: str
    client_id: str
    authorization_endpoint: str
    """May have a query, which a page keeps. https://www.rfc-editor.org/rfc/rfc6749#section-3.1"""
    token_endpoint: str
    scope: str
    """Names separated by spaces, one of which is `openid`."""


class SignIn(Struct, frozen=True, kw_only=True):
    """Whether a page needs a credential, and how it gets one."""

    required: bool
    oidc: OidcClient | None
    """None if no credential is needed, or the page has no client of an issuer: people then have tokens."""
