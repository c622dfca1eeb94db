"""Whatever is sent as a JWT, and whatever an issuer publishes as its keys ends with one of the declared errors."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.oidc.pinned_keys import PinnedKeys
from chalicelib.adapters.oidc.rules import TokenRules
from chalicelib.adapters.oidc.verifier import OidcJwtVerifier
from chalicelib.core.accounts.signing_keys import Jwk, UnusableKeysError, parse_key_set
from chalicelib.core.errors import INVALID_TOKEN, TOKEN_EXPIRED, ServiceError
from chalicelib.settings.oidc import JWT_ALGORITHMS
from tests.oidc.tokens import (
    AUDIENCE,
    ISSUER,
    claims,
    ec_key,
    ed25519_key,
    jwk,
    key_set,
    raw_token,
    rsa_key,
    token,
)

RULES = TokenRules(
    issuer=ISSUER, audiences=(AUDIENCE,), algorithms=JWT_ALGORITHMS, admin_claim="a.b", admin_value="admin"
)
PUBLISHED = [jwk(rsa_key()), jwk(ec_key()), jwk(ed25519_key())]
VALID = token()

NUMBERS = st.integers(-(10**320), 10**320) | st.floats()
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | st.text(max_size=5)
    | st.sampled_from([AUDIENCE, ISSUER, "one", "RS256"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "kid"]), inner),
    max_leaves=5,
)


def verify(text: str, keys: list[Jwk]) -> None:
    try:
        OidcJwtVerifier(RULES, PinnedKeys(keys)).verify(text)
    except ServiceError as error:
        assert error.kind in {INVALID_TOKEN, TOKEN_EXPIRED}  # noqa: PT017  # it need not raise


def some_of(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), VALUES, max_size=3)


@settings(max_examples=50, deadline=None)
@given(
    some_of("alg", "kid", "typ", "crit", "b64", "jwk", "jku", "zip"),
    some_of("exp", "iss", "aud", "nbf", "sub", "a"),
)
def test_any_header_and_claims(header: dict[str, Any], changes: dict[str, Any]) -> None:
    text = raw_token(json.dumps({"alg": "RS256", "kid": "one", **header}), json.dumps({**claims(), **changes}))
    verify(text, list(parse_key_set(key_set(*PUBLISHED))))


@settings(max_examples=50, deadline=None)
@given(st.text(alphabet="abAB019-_.=+/é\n", max_size=40), st.integers(0, len(VALID)), st.integers(0, len(VALID)))
def test_any_text(insertion: str, start: int, end: int) -> None:
    verify(VALID[:start] + insertion + VALID[end:], list(parse_key_set(key_set(*PUBLISHED))))


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(PUBLISHED), some_of("kty", "alg", "n", "e", "crv", "x", "y"), st.sampled_from(JWT_ALGORITHMS)
)
def test_any_keys(published: dict[str, Any], changes: dict[str, Any], algorithm: str) -> None:
    with suppress(UnusableKeysError):
        keys = list(parse_key_set(key_set({**published, **changes})))
        text = raw_token(json.dumps({"alg": algorithm, "kid": "one"}), json.dumps(claims()))
        verify(text, keys)
