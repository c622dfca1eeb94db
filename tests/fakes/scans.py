"""`Scans` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core.files.model import Failure, File, Scan
from chalicelib.core.files.statuses import Status
from chalicelib.core.scanning.ports import RejectedFile
from tests.fakes.processing_queue import outcome_fields
from tests.fakes.table import Row, Table, now


@dataclass
class FakeScans:
    """`Scans` in memory."""

    table: Table

    def record(self, object_key: str, scan: Scan) -> File | None:
        row = self._not_rejected(object_key)
        if row is None:
            return None
        earlier = row.file.scan
        if earlier is not None and earlier.etag == scan.etag and earlier.scanned_at >= scan.scanned_at:
            return None
        row.add_version(scan=scan)
        row.scan_check_at = None
        return row.file

    def reject_infected(self, object_key: str, scan: Scan, failure: Failure) -> RejectedFile | None:
        row = self._not_rejected(object_key)
        if row is None:
            return None
        thumbnail_key = row.file.thumbnail_key
        uploaded_at = row.file.uploaded_at or now()
        self.table.reject(row, **outcome_fields(failure), scan=scan, uploaded_at=uploaded_at)
        return RejectedFile(row.file, thumbnail_key)

    def without_verdict(self, settling_time: timedelta, limit: int) -> Sequence[File]:
        time = now()
        due = [
            (row.scan_check_at or row.file.processed_at, row.file)
            for row in self.table.rows.values()
            if row.is_done
            and row.file.processed_at is not None
            and (row.file.scan.etag if row.file.scan else None) != row.file.etag
            and (row.scan_check_at or row.file.processed_at + settling_time) < time
        ]
        return [file for _, file in sorted(due, key=lambda item: item[0], reverse=True)][:limit]

    def postpone(self, file: File) -> None:
        row = self.table.rows.get(file.id)
        if row is not None and row.is_done and row.file.processed_at is not None:
            row.scan_check_at = now() + (now() - row.file.processed_at)

    def _not_rejected(self, object_key: str) -> Row | None:
        row = self.table.by_key(object_key)
        return row if row and row.file.status is not Status.REJECTED else None
