"""`ComputedColumns` in memory, where files are found without anything stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.core.files.model import File
from tests.fakes.table import Table


@dataclass
class FakeComputedColumns:
    """`ComputedColumns` in memory, where files are found without anything stored."""

    table: Table

    def next_batch(self, limit: int) -> Sequence[File]:
        rows = [row for row in self.table.sorted_by_id() if row.is_done and row.file.mismatch is None]
        return [row.file for row in rows][:limit]

    def store(self, batch: Sequence[File]) -> None:
        for file in batch:
            row = self.table.rows.get(file.id)
            if row and row.file.version == file.version:
                row.update(mismatch=file.mismatch)
