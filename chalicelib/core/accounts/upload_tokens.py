"""Upload tokens: short-lived, signed, and for uploads only."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct


def is_upload_token(text: str) -> bool:
    """Return whether the text has the parts of an upload token: a payload, after a dot if it is compressed, and a
    signature."""
    return text.startswith(".") or text.count(".") == 1


class UploadGrant(Struct, frozen=True, kw_only=True):
    """What an upload token allows: to upload for one owner, until it expires."""

    owner: str
    expires_at: datetime
    token_id: UUID | None
    """Of the API token that it was created with, whose revocation ends it; None of a JWT."""


class UploadTokenSigner(Protocol):
    """Signs upload tokens and verifies their signatures. It makes no statement."""

    def sign(self, grant: UploadGrant) -> str:
        """Return the token, in characters that a path can have. The time is kept in whole seconds."""

    def verify(self, token: str) -> UploadGrant | None:
        """Return what the token grants, also if it has expired; None if it isn't one of this service."""
