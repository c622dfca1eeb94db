"""Create an upload token."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from chalicelib.core.accounts.audit import record_upload_token
from chalicelib.core.accounts.model import Caller
from chalicelib.core.accounts.upload_tokens import UploadGrant, UploadTokenSigner
from chalicelib.core.errors import UPLOAD_TOKENS_DISABLED, ServiceError

DEFAULT_LIFETIME, MIN_LIFETIME, MAX_LIFETIME = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


class CreateUploadToken(Struct, frozen=True):
    """Create a token that uploads for the caller's owner."""

    caller: Caller
    lifetime: timedelta


class CreatedUploadToken(Struct, frozen=True):
    """A new upload token."""

    secret: str
    """The token itself."""
    expires_at: datetime


def create_upload_token(command: CreateUploadToken, *, signer: UploadTokenSigner | None) -> CreatedUploadToken:
    """Return the new token. No statement. There is no signer where no secret is configured.

    Raises ServiceError(UPLOAD_TOKENS_DISABLED).
    """
    if signer is None:
        raise ServiceError(UPLOAD_TOKENS_DISABLED)
    caller, expires_at = command.caller, datetime.now(UTC).replace(microsecond=0) + command.lifetime
    grant = UploadGrant(owner=caller.owner, expires_at=expires_at, token_id=caller.token_id)
    record_upload_token(caller)
    return CreatedUploadToken(signer.sign(grant), expires_at)
