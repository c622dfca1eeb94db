"""What a token has to be like."""

from datetime import timedelta

from msgspec import Struct

AUDIENCE = "aud"
"""The claim that names whom a token is for."""

LEEWAY = timedelta(seconds=30)
"""How far the issuer's clock and this one may be apart: a token is accepted so long after its `exp`, and so long
before its `nbf` and `iat`."""


class TokenRules(Struct, frozen=True, kw_only=True):
    """What tokens are accepted, and what their claims mean."""

    issuer: str
    """`iss`, exactly, with a slash at the end or without."""
    audiences: tuple[str, ...]
    """A token must be for one of these."""
    audience_claim: str = AUDIENCE
    """The claim that names one of them. `client_id` for access tokens of Cognito, which have no `aud`."""
    algorithms: tuple[str, ...] = ("RS256",)
    """None of them is symmetric or `none`."""
    owner_claim: str = "sub"
    admin_claim: str | None = None
    """Without it, no token grants the scope `admin`."""
    admin_value: str | None = None
    """What this claim must be or contain."""
