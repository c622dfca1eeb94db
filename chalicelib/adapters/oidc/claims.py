"""What the claims of a verified token say."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.adapters.oidc.rules import AUDIENCE, TokenRules

_SPACE_SEPARATED = frozenset({"scope", "scp"})
"""Claims whose text is a list: https://www.rfc-editor.org/rfc/rfc8693#section-4.2, and Entra's name of it."""


def find_claim(claims: Mapping[str, Any], name: str) -> Any:
    """Return the claim with this name, None if there is none.

    Where no claim is called exactly so, as Auth0's are, which are URLs with dots, a dot separates the name of an
    object from that of its member: `realm_access.roles` of Keycloak.
    """
    if name in claims:
        return claims[name]
    for position in (index for index, character in enumerate(name) if character == "."):
        inner = claims.get(name[:position])
        if isinstance(inner, dict) and (found := find_claim(inner, name[position + 1 :])) is not None:
            return found
    return None


def is_for_service(claims: Mapping[str, Any], rules: TokenRules) -> bool:
    """Return whether the token was issued for this service.

    Where OIDC_AUDIENCE_CLAIM names another claim than `aud`, both are checked if the token has both.
    """
    checked = {rules.audience_claim, *({AUDIENCE} & claims.keys())}
    return all(_contains_any(claims.get(claim), rules.audiences) for claim in checked)


def is_admin(claims: Mapping[str, Any], rules: TokenRules) -> bool:
    """Return whether the token grants the scope `admin`."""
    if rules.admin_claim is None or rules.admin_value is None:
        return False
    value = find_claim(claims, rules.admin_claim)
    if isinstance(value, str) and rules.admin_claim in _SPACE_SEPARATED:
        value = value.split(" ")
    return rules.admin_value in value if isinstance(value, list) else value == rules.admin_value


def _contains_any(value: object, expected: Sequence[str]) -> bool:
    values = value if isinstance(value, list) else [value]
    return any(name in expected for name in values)
