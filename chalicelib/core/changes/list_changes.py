"""List the changes of all of an owner's files (change feed)."""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.core.changes.history import History, HistoryEntry


class ListChanges(Struct, frozen=True):
    """List up to `limit` of the owner's changes after the number `since`."""

    owner: str
    since: int
    limit: int


def list_changes(command: ListChanges, *, history: History) -> Sequence[HistoryEntry]:
    """Return the changes in commit order, without skipping any.

    Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE, because they get their numbers now.
    """
    return history.changes(command.owner, command.since, command.limit)
