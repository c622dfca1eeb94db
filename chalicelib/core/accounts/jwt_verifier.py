"""The port that verifies the JWTs of an OpenID Connect issuer."""

from typing import Protocol

from msgspec import Struct


class JwtIdentity(Struct, frozen=True):
    """Whom a JWT identifies."""

    owner: str
    """A valid name of an owner."""
    is_admin: bool
    """Whether the token grants the scope `admin`. Otherwise it has the scope `write`."""


def is_jwt(text: str) -> bool:
    """Return whether the text has the three parts of a JWT."""
    return text.count(".") == 2 and not text.startswith(".")


class JwtVerifier(Protocol):
    """Verifies JWTs with the issuer's public keys. It makes no statement.

    Raises ServiceError: TOKEN_EXPIRED; INVALID_TOKEN for whatever else is wrong with a token, about which a line
    is logged; ISSUER_UNAVAILABLE if the issuer's keys are not known, so that no token can be verified.
    """

    def verify(self, token: str) -> JwtIdentity:
        """Return whom the token identifies."""
