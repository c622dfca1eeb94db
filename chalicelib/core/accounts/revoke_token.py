"""Revoke an API token."""

from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.audit import record_revocation
from chalicelib.core.accounts.model import Caller
from chalicelib.core.accounts.ports import Tokens
from chalicelib.core.errors import TOKEN_NOT_FOUND, ServiceError


class RevokeToken(Struct, frozen=True):
    """Revoke one of the tokens that the caller sees."""

    caller: Caller
    token_id: UUID


def revoke_token(command: RevokeToken, *, tokens: Tokens) -> None:
    """Revoke the token, from now on and everywhere. One that was revoked already stays as it is. One statement.

    Raises ServiceError: TOKEN_NOT_FOUND, also of another owner's; DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    token = tokens.revoke(command.caller.visible, command.token_id)
    if token is None:
        raise ServiceError(TOKEN_NOT_FOUND)
    record_revocation(token, command.caller)
