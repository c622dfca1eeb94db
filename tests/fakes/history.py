"""`History` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec.structs import replace

from chalicelib.core.accounts.model import Owners
from chalicelib.core.changes.history import ChangePage, HistoryEntry
from tests.fakes.table import Table, belongs_to


@dataclass
class FakeHistory:
    """`History` in memory."""

    table: Table

    def timeline(self, owners: Owners, file_id: UUID, limit: int) -> Sequence[HistoryEntry]:
        return [entry for entry in self._entries(owners) if entry.file_id == file_id][-limit:]

    def changes(self, owner: str, since: int, limit: int) -> Sequence[HistoryEntry]:
        self._number(owner)
        return [entry for entry in self._entries(owner) if entry.seq is not None and entry.seq > since][:limit]

    def newest_changes(self, owner: str, since: int, limit: int) -> ChangePage:
        return ChangePage(self.changes(owner, since, len(self.table.history))[-limit:], more=False)

    def _entries(self, owners: Owners) -> list[HistoryEntry]:
        return [entry for entry in self.table.history if belongs_to(owners, self.table.owners[entry.file_id])]

    def _number(self, owner: str) -> None:
        history = self.table.history
        for index, entry in enumerate(history):
            is_new = entry.seq is None and entry.version is not None
            if is_new and self.table.owners[entry.file_id] == owner:
                seq = self.table.last_seq.get(owner, 0) + 1
                self.table.last_seq[owner] = seq
                history[index] = replace(entry, seq=seq)
