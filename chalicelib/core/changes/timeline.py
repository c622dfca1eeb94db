"""Get a file's timeline."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.changes.history import History, HistoryEntry
from chalicelib.core.files.get_file import require_file
from chalicelib.core.files.ports import Files

TIMELINE_LIMIT = 1000


class GetTimeline(Struct, frozen=True):
    """Get the history of a file."""

    owners: Owners
    file_id: UUID


def get_timeline(command: GetTimeline, *, history: History, files: Files) -> Sequence[HistoryEntry]:
    """Return the file's newest 1,000 entries, oldest first; none for a file from before there was a history.

    One statement, and another one if there are no entries. Raises ServiceError: FILE_NOT_FOUND,
    DATABASE_UNAVAILABLE.
    """
    entries = history.timeline(command.owners, command.file_id, TIMELINE_LIMIT)
    if not entries:
        require_file(files.get(command.owners, command.file_id))
    return entries
