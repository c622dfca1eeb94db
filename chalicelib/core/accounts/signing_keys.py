"""The public keys with which an issuer's tokens are verified: a JWK Set.

https://www.rfc-editor.org/rfc/rfc7517
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct

from chalicelib.core.accounts.strict_json import parse_object

MAX_KEY_SET_BYTES = 256 * 1024
"""Issuers' sets have some 2 to 20 kB, most of it certificates."""

MAX_KEYS = 100

_KEY_TYPES = ("RSA", "EC", "OKP")
"""Those of public keys. `oct` is a secret, with which anyone who reads it could sign."""

_MEMBERS = ("kid", "kty", "alg", "n", "e", "crv", "x", "y")
"""What verifying needs. Certificates are left out, and URLs, which nothing may ever fetch."""

Jwk = Mapping[str, str]
"""A public key: some of _MEMBERS."""


class UnusableKeysError(Exception):
    """The issuer's keys could not be fetched, or none of those that were fetched is of use. The message says why,
    and quotes nothing."""


class SigningKeys(Struct, frozen=True):
    """An issuer's keys, as they were at a time."""

    keys: Sequence[Jwk]
    fetched_at: datetime
    """When they came from the issuer."""

    def with_id(self, key_id: str) -> Sequence[Jwk]:
        """Return the keys with this `kid`: none, one, or several of different algorithms."""
        return [key for key in self.keys if key["kid"] == key_id]


class SigningKeySource(Protocol):
    """Where an issuer's keys come from."""

    def fetch(self) -> SigningKeys:
        """Return the keys. Raises UnusableKeysError."""


def parse_key_set(document: bytes) -> Sequence[Jwk]:
    """Return the keys of a JWK Set that can verify signatures, without those for encryption, of unknown types or
    without an id. Raises UnusableKeysError if there is none, or more than MAX_KEYS."""
    return _usable_keys(_parse(document).get("keys"))


def parse_stored_keys(document: bytes) -> SigningKeys:
    """Return the keys in what `format_stored_keys` has returned. Raises UnusableKeysError."""
    stored = _parse(document)
    try:
        fetched_at = datetime.fromtimestamp(stored["fetched_at"], UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise UnusableKeysError("the stored keys have no valid `fetched_at`") from None
    return SigningKeys(_usable_keys(stored.get("keys")), fetched_at)


def format_stored_keys(keys: SigningKeys) -> bytes:
    """Return the keys as a JWK Set with the additional member `fetched_at`, in seconds since 1970."""
    return json.dumps(
        {"fetched_at": keys.fetched_at.timestamp(), "keys": [dict(key) for key in keys.keys]}
    ).encode()


def _parse(document: bytes) -> dict[str, Any]:
    if len(document) > MAX_KEY_SET_BYTES:
        raise UnusableKeysError(f"the key set has more than {MAX_KEY_SET_BYTES} bytes")
    try:
        return parse_object(document)
    except ValueError as error:
        raise UnusableKeysError(f"the key set is malformed ({type(error).__name__})") from None


def _usable_keys(keys: object) -> Sequence[Jwk]:
    if not isinstance(keys, list) or len(keys) > MAX_KEYS:
        raise UnusableKeysError(f"the key set has no list `keys` of at most {MAX_KEYS}")
    usable = [
        {member: key[member] for member in _MEMBERS if isinstance(key.get(member), str)}
        for key in keys
        if isinstance(key, dict) and _verifies_signatures(key)
    ]
    if not usable:
        raise UnusableKeysError("the key set has no public key with a `kid` that verifies signatures")
    return usable


def _verifies_signatures(key: Mapping[str, Any]) -> bool:
    operations = key.get("key_ops", ["verify"])
    return (
        key.get("kty") in _KEY_TYPES
        and isinstance(key.get("kid"), str)
        and key.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and "d" not in key  # a private key, which the issuer has published by mistake
    )
