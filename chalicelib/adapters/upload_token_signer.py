"""Signs upload tokens with HMAC-SHA256."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from chalicelib.core.accounts.upload_tokens import UploadGrant
from chalicelib.typed_values import convert_value

PURPOSE = "upload"
SALT = "file-loader.upload-token"
"""Part of the key, so that nothing else that the secret may sign one day is an upload token."""


class Payload(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """What is signed."""

    purpose: str
    owner: str
    expires_at: int
    token_id: UUID | None


class ItsdangerousUploadTokenSigner:
    """Implements `chalicelib.core.accounts.upload_tokens.UploadTokenSigner`."""

    def __init__(self, secrets: Sequence[str]) -> None:
        """The first secret signs; all of them verify."""
        self._serializer = URLSafeSerializer(
            list(reversed(secrets)), salt=SALT, signer_kwargs={"digest_method": hashlib.sha256}
        )

    def sign(self, grant: UploadGrant) -> str:
        expires_at = int(grant.expires_at.timestamp())
        payload = Payload(PURPOSE, grant.owner, expires_at, grant.token_id)
        signed = self._serializer.dumps(msgspec.to_builtins(payload))
        return signed if isinstance(signed, str) else signed.decode()

    def verify(self, token: str) -> UploadGrant | None:
        try:
            signed: Any = self._serializer.loads(token)
            payload: Payload = convert_value(signed, Payload)
        except (BadData, msgspec.ValidationError):
            return None
        if payload.purpose != PURPOSE:
            return None
        return UploadGrant(
            owner=payload.owner,
            expires_at=datetime.fromtimestamp(payload.expires_at, UTC),
            token_id=payload.token_id,
        )
