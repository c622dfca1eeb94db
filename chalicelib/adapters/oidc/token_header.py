"""The header of a JWT, which is read before its signature can be verified."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from chalicelib.core.accounts.strict_json import parse_object

MAX_TOKEN_BYTES = 16 * 1024
"""Issuers' tokens have 1 to 4 kB, and a proxy in between rarely accepts more than 8 in a header."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")

_TYPES = frozenset({"jwt", "at+jwt"})
"""A token of another type, such as a logout token, may have the same issuer and audience.
https://www.rfc-editor.org/rfc/rfc8725#section-3.11"""


class InvalidHeaderError(Exception):
    """The text is no JWT that could be accepted. The message says why, and quotes nothing of it."""


def read_header(token: str) -> tuple[str, str]:
    """Return the algorithm and the key's id that a token's header names. Raises InvalidHeaderError.

    Whatever else the header has, such as a key or its URL (`jwk`, `jku`, `x5c`, `x5u`), is ignored.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise InvalidHeaderError(f"it has more than {MAX_TOKEN_BYTES} bytes")
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise InvalidHeaderError("it doesn't have three parts in base64url")
    header = _parse(match[1])
    if not _has_known_type(header.get("typ", "JWT")):
        raise InvalidHeaderError("its `typ` isn't that of an access token or ID token")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or not isinstance(key_id, str):
        raise InvalidHeaderError("its header has no `alg` or no `kid`")
    return algorithm, key_id


def _parse(segment: str) -> Mapping[str, Any]:
    try:
        return parse_object(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except ValueError:
        raise InvalidHeaderError("its header isn't strict JSON in base64url") from None


def _has_known_type(media_type: object) -> bool:
    return isinstance(media_type, str) and media_type.lower().removeprefix("application/") in _TYPES
