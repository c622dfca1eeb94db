"""List API tokens, page by page."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import ApiToken, Owners
from chalicelib.core.accounts.ports import Tokens


class ListTokens(Struct, frozen=True):
    """List up to `limit` of the owners' tokens, created before the one with the id `before`."""

    owners: Owners
    limit: int
    before: UUID | None


def list_tokens(command: ListTokens, *, tokens: Tokens) -> Sequence[ApiToken]:
    """Return the tokens, the newest first, also those that have expired or were revoked. One statement.

    Raises ServiceError(DATABASE_UNAVAILABLE).
    """
    return tokens.list(command.owners, command.limit, command.before)
