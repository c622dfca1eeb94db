"""Verifying JWTs: from the text to the owner."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from chalicelib.adapters.oidc.claims import find_claim, is_admin, is_for_service
from chalicelib.adapters.oidc.rules import TokenRules
from chalicelib.adapters.oidc.token_header import InvalidHeaderError, read_header
from chalicelib.core.accounts.jwt_verifier import JwtIdentity
from chalicelib.core.accounts.owner_names import is_owner_name
from chalicelib.core.accounts.signing_keys import Jwk
from chalicelib.core.errors import INVALID_TOKEN, ServiceError

log = logging.getLogger(__name__)

_KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
"""By the first letters of an algorithm's name. https://www.rfc-editor.org/rfc/rfc7518#section-3.1"""


class KeyFinder(Protocol):
    """Knows the issuer's keys. Raises ServiceError(ISSUER_UNAVAILABLE) if it doesn't."""

    def find_keys(self, key_id: str) -> Sequence[Jwk]:
        """Return the keys with this id."""


class OidcJwtVerifier:
    """Implements `chalicelib.core.accounts.jwt_verifier.JwtVerifier`."""

    def __init__(self, rules: TokenRules, keys: KeyFinder) -> None:
        self._rules = rules
        self._keys = keys

    def verify(self, token: str) -> JwtIdentity:
        try:
            algorithm, key_id = read_header(token)
        except InvalidHeaderError as error:
            raise _refuse(str(error)) from None
        if algorithm not in self._rules.algorithms:
            raise _refuse("its algorithm is not in OIDC_ALGORITHMS")
        key = _select_key(self._keys.find_keys(key_id), algorithm)
        return self._identify(self._verify_signature(token, key, algorithm))

    def _verify_signature(self, token: str, key: Jwk, algorithm: str) -> Mapping[str, Any]:
        from chalicelib.adapters.oidc.signature import verify_signature

        try:
            return verify_signature(token, key, algorithm, self._rules)
        except ServiceError as error:
            if error.kind is INVALID_TOKEN:
                raise _refuse(type(error.__cause__).__name__) from None
            raise

    def _identify(self, claims: Mapping[str, Any]) -> JwtIdentity:
        if not is_for_service(claims, self._rules):
            raise _refuse(f"its `{self._rules.audience_claim}` is not in OIDC_AUDIENCE")
        owner = find_claim(claims, self._rules.owner_claim)
        if not isinstance(owner, str) or not is_owner_name(owner):
            raise _refuse(f"its `{self._rules.owner_claim}` is not an owner's name")
        return JwtIdentity(owner, is_admin(claims, self._rules))


def _select_key(keys: Sequence[Jwk], algorithm: str) -> Jwk:
    """Return the key for this algorithm: a key is used only as the issuer says, and as its type allows."""
    for key in keys:
        if key["kty"] == _KEY_TYPES[algorithm[:2]] and key.get("alg", algorithm) == algorithm:
            return key
    raise _refuse("the issuer has no key with its `kid` for its algorithm")


def _refuse(reason: str) -> ServiceError:
    """Return the error. The reason is for who runs the service; the client learns that the token is invalid."""
    log.info("a JWT was refused: %s", reason)
    return ServiceError(INVALID_TOKEN)
