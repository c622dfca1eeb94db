"""The settings of JWTs: what values may be, and which of them need each other."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.core.accounts.signing_keys import Jwk, UnusableKeysError, parse_key_set
from chalicelib.settings.parsers import InvalidSettingError

if TYPE_CHECKING:
    from chalicelib.settings import Settings

JWT_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that are made with a private key, and verified with a public one. `none` and the symmetric ones (HS…)
can't be chosen: anyone could sign a token with the public key as the secret."""

AUDIENCE_CLAIMS = ("aud", "client_id")

_ENDPOINT = r"https?://(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\])(?::[1-9][0-9]{0,4})?(?:[/?][!-~]*)?"
"""Without a fragment: https://www.rfc-editor.org/rfc/rfc6749#section-3.1. Its origin becomes part of a header."""

_SCOPE = r"[!#-\[\]-~]+(?: [!#-\[\]-~]+)*"
"""https://www.rfc-editor.org/rfc/rfc6749#section-3.3"""


def parse_audiences(_name: str, value: str) -> tuple[str, ...]:
    return tuple(value.split())


def parse_audience_claim(name: str, value: str) -> str:
    if value not in AUDIENCE_CLAIMS:
        raise InvalidSettingError(f"{name} must be {' or '.join(AUDIENCE_CLAIMS)}, got {value!r}")
    return value


def parse_algorithms(name: str, value: str) -> tuple[str, ...]:
    algorithms = tuple(value.split())
    for algorithm in algorithms:
        if algorithm not in JWT_ALGORITHMS:
            raise InvalidSettingError(f"{name} must be some of {', '.join(JWT_ALGORITHMS)}, got {algorithm!r}")
    return algorithms


def parse_optional_text(_name: str, value: str) -> str | None:
    return value or None


def parse_pinned_keys(name: str, value: str) -> Sequence[Jwk] | None:
    if not value:
        return None
    try:
        return parse_key_set(value.encode())
    except UnusableKeysError as error:
        raise InvalidSettingError(f"{name} must be a JWK Set with public keys: {error}") from error


def parse_endpoint(name: str, value: str) -> str | None:
    """Return the URL of an issuer's endpoint, None for an empty value."""
    if value and ("#" in value or not re.fullmatch(_ENDPOINT, value)):
        raise InvalidSettingError(
            f"{name} must be a URL such as https://issuer.example/oauth2/token, without a fragment, got {value!r}"
        )
    return value or None


def parse_scope(name: str, value: str) -> str:
    """Return what pages ask for. Without `openid` there would be no ID token, which proves who signed in."""
    if not re.fullmatch(_SCOPE, value) or "openid" not in value.split(" "):
        raise InvalidSettingError(f"{name} must have openid and other scopes, separated by spaces, got {value!r}")
    return value


def check_oidc(settings: "Settings", *, on_aws: bool) -> None:
    """Raise InvalidSettingError where a variable lacks another one, without which it would have no effect, or too
    much, and on AWS for keys that anyone on the way could replace."""
    if settings.oidc_issuer is None:
        _refuse_others(settings)
    elif not settings.oidc_audiences:
        raise InvalidSettingError("OIDC_ISSUER needs OIDC_AUDIENCE, or tokens for other services were accepted")
    if (settings.oidc_admin_claim is None) != (settings.oidc_admin_value is None):
        raise InvalidSettingError("OIDC_ADMIN_CLAIM and OIDC_ADMIN_VALUE need each other")
    if settings.oidc_jwks and settings.oidc_jwks_url:
        raise InvalidSettingError("OIDC_JWKS pins the keys, so OIDC_JWKS_URL has no effect; set one of them")
    of_client = (settings.oidc_client_id, settings.oidc_authorization_url, settings.oidc_token_url)
    if any(of_client) and not all(of_client):
        raise InvalidSettingError("OIDC_CLIENT_ID, OIDC_AUTHORIZATION_URL and OIDC_TOKEN_URL need each other")
    for name, url in (
        ("OIDC_ISSUER", settings.oidc_issuer),
        ("OIDC_JWKS_URL", settings.oidc_jwks_url),
        ("OIDC_AUTHORIZATION_URL", settings.oidc_authorization_url),
        ("OIDC_TOKEN_URL", settings.oidc_token_url),
    ):
        if on_aws and url and not url.startswith("https://"):
            raise InvalidSettingError(f"{name} must start with https:// on AWS, got {url!r}")


def _refuse_others(settings: "Settings") -> None:
    for name, value in (
        ("OIDC_AUDIENCE", settings.oidc_audiences),
        ("OIDC_ADMIN_CLAIM", settings.oidc_admin_claim),
        ("OIDC_JWKS", settings.oidc_jwks),
        ("OIDC_JWKS_URL", settings.oidc_jwks_url),
        ("OIDC_CLIENT_ID", settings.oidc_client_id),
        ("OIDC_AUTHORIZATION_URL", settings.oidc_authorization_url),
        ("OIDC_TOKEN_URL", settings.oidc_token_url),
    ):
        if value:
            raise InvalidSettingError(f"{name} needs OIDC_ISSUER")
