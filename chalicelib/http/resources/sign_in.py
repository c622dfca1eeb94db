"""The JSON form of how people sign in."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.core.accounts.sign_in import OidcClient, SignIn
from chalicelib.core.described_enum import DescribedEnum


class SignInMethod(DescribedEnum):
    """How people sign in."""

    API_TOKEN = "token", "They enter an API token."
    OIDC = "oidc", "With OpenID Connect, at the issuer."


class OidcClientResource(Struct):
    """What a page needs to send people to the issuer and to get their tokens."""

    issuer: Annotated[str, Meta(description="As in `iss` of its tokens.")]
    client_id: Annotated[str, Meta(description="The page's id at the issuer. It has no secret.")]
    authorization_endpoint: Annotated[str, Meta(description="Where people sign in. A query in it must be kept.")]
    token_endpoint: Annotated[str, Meta(description="Where the page gets tokens for an authorization code.")]
    scope: Annotated[str, Meta(description="What the page asks for: names separated by spaces.")]


class SignInResource(Struct):
    """How people sign in."""

    required: Annotated[bool, Meta(description="Whether requests need a credential.")]
    methods: Annotated[
        list[SignInMethod], Meta(description="The ways to get one: an API token, or OpenID Connect.")
    ]
    oidc: Annotated[
        OidcClientResource | None, Meta(description="The issuer's client for pages; null without one.")
    ]


def sign_in_resource(sign_in: SignIn) -> SignInResource:
    """Return the JSON form of how people sign in."""
    methods = [SignInMethod.API_TOKEN] if sign_in.required else []
    return SignInResource(
        required=sign_in.required,
        methods=[*methods, SignInMethod.OIDC] if sign_in.oidc else methods,
        oidc=_client_resource(sign_in.oidc) if sign_in.oidc else None,
    )


def _client_resource(client: OidcClient) -> OidcClientResource:
    return OidcClientResource(
        issuer=client.issuer,
        client_id=client.client_id,
        authorization_endpoint=client.authorization_endpoint,
        token_endpoint=client.token_endpoint,
        scope=client.scope,
    )
