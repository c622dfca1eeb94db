"""List the changes of all of an owner's files (change feed)."""

from msgspec import Struct

from chalicelib.core.changes.history import ChangePage, History


class ListChanges(Struct, frozen=True):
    """List up to `limit` of the owner's changes after the number `since`."""

    owner: str
    since: int
    limit: int
    newest: bool = False
    """Whether to list the last ones of them instead of the first."""


def list_changes(command: ListChanges, *, history: History) -> ChangePage:
    """Return the changes in commit order, without skipping any.

    Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE, because they get their numbers now.
    """
    if command.newest:
        return history.newest_changes(command.owner, command.since, command.limit)
    entries = history.changes(command.owner, command.since, command.limit)
    return ChangePage(entries, more=len(entries) == command.limit)
