"""Which keys of a set are used, and what is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.core.accounts.signing_keys import (
    MAX_KEYS,
    SigningKeys,
    UnusableKeysError,
    format_stored_keys,
    parse_key_set,
    parse_stored_keys,
)
from tests.oidc.tokens import ec_key, ed25519_key, jwk, key_set, rsa_key

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)


def test_keys_for_other_purposes_are_left_out() -> None:
    others: list[Any] = [
        jwk(rsa_key(1), "encryption", use="enc"),
        jwk(rsa_key(1), "wrapping", key_ops=["wrapKey"]),
        jwk(rsa_key(1), "private", d="AQAB"),
        {"kty": "oct", "k": "AAAA", "kid": "secret"},
        {"kty": "new", "kid": "unknown"},
        {name: value for name, value in jwk(rsa_key(1)).items() if name != "kid"},
        jwk(rsa_key(1), 1),  # type: ignore[arg-type]
        jwk(rsa_key(1), "odd", kty=[]),
        jwk(rsa_key(1), "odd", use={}),
        jwk(rsa_key(1), "odd", key_ops={}),
        "text",
        None,
    ]
    keys = parse_key_set(key_set(*others, jwk(rsa_key()), jwk(ec_key(), "two"), jwk(ed25519_key(), "three")))
    assert [key["kid"] for key in keys] == ["one", "two", "three"]


def test_only_what_verifying_needs_is_kept() -> None:
    [key] = parse_key_set(key_set(jwk(rsa_key(), x5c=["AAAA"], x5u="https://evil.example", issuer="x", alg=1)))
    assert set(key) == {"kid", "kty", "n", "e"}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b'{"keys": [{}]}',
        b'{"keys": [], "keys": []}',
        b'{"keys": ' + b"[" * 100_000,
        b" " * 300_000,
        key_set(*(jwk(rsa_key(), str(number)) for number in range(MAX_KEYS + 1))),
    ],
)
def test_set_without_usable_keys(document: bytes) -> None:
    with pytest.raises(UnusableKeysError):
        parse_key_set(document)


def test_stored_keys_are_those_that_were_fetched() -> None:
    fetched = SigningKeys(parse_key_set(key_set(jwk(rsa_key()))), AT)
    assert parse_stored_keys(format_stored_keys(fetched)) == fetched


@pytest.mark.parametrize("fetched_at", [None, "2026", 1e300, [], {}, float("nan")])
def test_stored_keys_without_a_time(fetched_at: object) -> None:
    with pytest.raises(UnusableKeysError):
        parse_stored_keys(json.dumps({"fetched_at": fetched_at, "keys": [jwk(rsa_key())]}).encode())
