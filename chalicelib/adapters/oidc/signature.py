"""Verifying a token's signature and its standard claims. Only this module imports PyJWT."""

from typing import Any

import jwt

from chalicelib.adapters.oidc.rules import LEEWAY, TokenRules
from chalicelib.core.accounts.signing_keys import Jwk
from chalicelib.core.accounts.strict_json import parse_object
from chalicelib.core.errors import INVALID_TOKEN, TOKEN_EXPIRED, ServiceError


class _StrictJwt(jwt.PyJWT):
    """PyJWT with stricter JSON. It takes the last of several claims with one name, and texts for times."""

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        try:
            claims = parse_object(decoded["payload"])
        except ValueError:
            raise jwt.DecodeError("the claims are not strict JSON") from None
        if not all(_is_time(claims[name]) for name in ("exp", "nbf", "iat") if name in claims):
            raise jwt.DecodeError("a time is not a number")
        return claims


_JWT = _StrictJwt(
    {
        "require": ["exp", "iss"],
        "verify_aud": False,  # claims.is_for_service does
        "enforce_minimum_key_length": True,
    }
)


def verify_signature(token: str, key: Jwk, algorithm: str, rules: TokenRules) -> dict[str, Any]:
    """Return the claims of a token that the issuer has signed with this key and that is valid now.

    `algorithm` is the token's, one of the rules'. Raises ServiceError: INVALID_TOKEN, TOKEN_EXPIRED.
    """
    try:
        return _JWT.decode(
            token,
            jwt.PyJWK(dict(key), algorithm),
            algorithms=[algorithm],
            issuer=rules.issuer,
            leeway=LEEWAY,
        )
    except jwt.ExpiredSignatureError:
        raise ServiceError(TOKEN_EXPIRED) from None
    except jwt.PyJWTError as error:
        raise ServiceError(INVALID_TOKEN) from error


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
