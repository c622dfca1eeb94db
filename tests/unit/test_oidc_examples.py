"""The settings of docs/how-to/sign-in-with-oidc.md, with tokens as these issuers make them.

The claims are those that their documentation shows, with other values.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from chalicelib import container
from chalicelib.core.accounts.jwt_verifier import JwtIdentity, JwtVerifier
from chalicelib.core.errors import INVALID_TOKEN, ServiceError
from tests.oidc.tokens import claims, jwk, key_set, rsa_key, token

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "sign-in-with-oidc.md"

EXAMPLES = {
    name: dict(line.split("=", 1) for line in settings.splitlines())
    for name, settings in re.findall(
        r"^### (\w+)\n\n```ini\n(.*?)\n```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
}

TOKENS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "Cognito": (
        "4f0b1a2c-1111-2222-3333-444455556666",
        {
            "sub": "4f0b1a2c-1111-2222-3333-444455556666",
            "aud": None,
            "client_id": "1example23456789",
            "token_use": "access",
            "scope": "openid",
            "username": "alice",
            "version": 2,
        },
        {"cognito:groups": ["file-admins"]},
    ),
    "Auth0": (
        "auth0|65f1c0ffee",
        {
            "sub": "auth0|65f1c0ffee",
            "aud": ["https://files.example.com", "https://example.eu.auth0.com/userinfo"],
            "azp": "client",
            "scope": "openid profile",
        },
        {"permissions": ["files:admin"]},
    ),
    "Keycloak": (
        "8f9e6d1a-aaaa-bbbb-cccc-ddddeeeeffff",
        {
            "sub": "8f9e6d1a-aaaa-bbbb-cccc-ddddeeeeffff",
            "aud": ["file-loader", "account"],
            "azp": "web",
            "typ": "Bearer",
            "scope": "openid email",
            "realm_access": {"roles": ["offline_access"]},
        },
        {"realm_access": {"roles": ["offline_access", "file-admin"]}},
    ),
    "Entra": (
        "00001111-aaaa-2222-bbbb-3333cccc4444",
        {
            "sub": "pairwise",
            "oid": "00001111-aaaa-2222-bbbb-3333cccc4444",
            "aud": "66666666-7777-8888-9999-000000000000",
            "scp": "Files.Write",
            "tid": "11111111-2222-3333-4444-555555555555",
            "ver": "2.0",
        },
        {"roles": ["Files.Admin"]},
    ),
}
"""The owner, the claims of a user's access token, and what an administrator's has instead."""


def build_verifier(name: str, monkeypatch: pytest.MonkeyPatch) -> JwtVerifier:
    for variable, value in EXAMPLES[name].items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("OIDC_JWKS", key_set(jwk(rsa_key(), x5t="AAAA", x5c=["AAAA"])).decode())
    container.reset()
    verifier = container.jwt_verifier()
    container.reset()
    assert verifier is not None
    return verifier


def test_page_has_an_example_of_each_issuer() -> None:
    assert EXAMPLES.keys() == TOKENS.keys()


@pytest.mark.parametrize("name", TOKENS)
def test_example_accepts_the_issuer_s_tokens(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    verifier = build_verifier(name, monkeypatch)
    owner, of_user, of_admin = TOKENS[name]
    of_user = {"iss": EXAMPLES[name]["OIDC_ISSUER"], **of_user}
    assert verifier.verify(token(claims(**of_user))) == JwtIdentity(owner, is_admin=False)
    assert verifier.verify(token(claims(**of_user | of_admin))) == JwtIdentity(owner, is_admin=True)


@pytest.mark.parametrize("name", TOKENS)
def test_example_refuses_the_issuer_s_other_tokens(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """For another service, and Keycloak's for every client of the realm."""
    verifier = build_verifier(name, monkeypatch)
    _, of_user, _ = TOKENS[name]
    of_user = {"iss": EXAMPLES[name]["OIDC_ISSUER"], **of_user}
    for others in ({"aud": "account", "client_id": "account"}, {"iss": f"{of_user['iss']}x"}):
        with pytest.raises(ServiceError) as caught:
            verifier.verify(token(claims(**of_user | others)))
        assert caught.value.kind is INVALID_TOKEN
