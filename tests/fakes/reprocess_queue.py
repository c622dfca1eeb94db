"""`ReprocessQueue` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chalicelib.core.files.model import File
from chalicelib.core.processing.ports import MarkedBatch, ProcessorCatalog
from tests.fakes.table import Table


@dataclass
class FakeReprocessQueue:
    """`ReprocessQueue` in memory."""

    table: Table
    marked: set[UUID] = field(default_factory=set)

    def mark(self, catalog: ProcessorCatalog, after: UUID | None, limit: int) -> MarkedBatch:
        batch = [row for row in self.table.sorted_by_id() if after is None or row.file.id > after][:limit]
        outdated = {row.file.id for row in batch if row.is_done and _is_outdated(row.file, catalog)} - self.marked
        self.marked |= outdated
        return MarkedBatch(len(batch), len(outdated), batch[-1].file.id if batch else None)

    def next_batch(self, limit: int) -> Sequence[File]:
        rows = self.table.sorted_by_id()
        return [row.file for row in rows if row.is_done and row.file.id in self.marked][:limit]

    def unmark(self, file_id: UUID) -> None:
        self.marked.discard(file_id)


def _is_outdated(file: File, catalog: ProcessorCatalog) -> bool:
    if catalog.scans_files and (file.scan is None or file.scan.etag != file.etag):
        return True
    if file.result == {}:
        return (file.detected_type or "").startswith(tuple(catalog.types))
    versions = catalog.versions
    return any(
        name in versions and facts["version"] < versions[name] for name, facts in (file.result or {}).items()
    )
