"""Create an API token."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts import owner_names
from chalicelib.core.accounts.api_tokens import digest_of, generate_token
from chalicelib.core.accounts.audit import record_creation
from chalicelib.core.accounts.authenticate import act_for, require_scope
from chalicelib.core.accounts.model import ApiToken, Caller, NewToken, Scope
from chalicelib.core.accounts.ports import Tokens
from chalicelib.core.errors import INVALID_NEW_TOKEN, ServiceError

MAX_NAME_LENGTH = 100
"""Characters."""

MAX_LIFETIME = timedelta(days=3650)


class CreateToken(Struct, frozen=True, kw_only=True):
    """Create a token for the caller's owner, or for the one that an administrator names."""

    caller: Caller
    id: UUID
    name: str
    owner: str | None
    scopes: frozenset[Scope]
    expires_in: timedelta | None
    """None: it doesn't expire."""


class CreatedToken(Struct, frozen=True):
    """A new token."""

    row: ApiToken
    secret: str
    """The token itself, which is stored nowhere."""


def create_token(command: CreateToken, *, tokens: Tokens) -> CreatedToken:
    """Return the new token. One statement.

    Raises ServiceError: INVALID_NEW_TOKEN, FORBIDDEN_OWNER for another owner without the scope `admin`,
    INSUFFICIENT_SCOPE for a scope that the caller doesn't have, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    if (fault := _find_fault(command)) is not None:
        raise ServiceError(INVALID_NEW_TOKEN, reason=fault)
    caller = command.caller if command.owner is None else act_for(command.caller, command.owner)
    for scope in command.scopes:
        require_scope(caller, scope, f"creating a token with the scope {scope}")
    secret = generate_token()
    new = NewToken(
        id=command.id, digest=digest_of(secret), name=command.name, owner=caller.owner, scopes=command.scopes
    )
    row = tokens.add(new, command.expires_in)
    record_creation(row, caller)
    return CreatedToken(row, secret)


def _find_fault(command: CreateToken) -> str | None:
    """Return what isn't allowed, as a clause for a message."""
    name, owner = command.name, command.owner
    if not (0 < len(name) <= MAX_NAME_LENGTH and name.isprintable() and name == name.strip()):
        return f"`name` must have 1 to {MAX_NAME_LENGTH} printable characters, and no space at either end"
    if owner is not None and not owner_names.is_owner_name(owner):
        return f"`owner` {owner_names.REQUIREMENT}"
    if not command.scopes:
        return "`scopes` must have one at least"
    if command.expires_in is not None and not timedelta(0) < command.expires_in <= MAX_LIFETIME:
        return f"`expires_in` must be 1 to {int(MAX_LIFETIME.total_seconds())} seconds"
    return None
