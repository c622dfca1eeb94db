"""`BucketScan` in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectPage
from chalicelib.core.sweep.ports import BucketDiff
from tests.fakes.table import Row, Table, now


@dataclass
class FakeBucketScan:
    """`BucketScan` in memory."""

    table: Table
    cursors: dict[str, str] = field(default_factory=dict)
    """By prefix."""

    def cursor(self, prefix: str) -> str:
        return self.cursors.get(prefix, "")

    def save_cursor(self, prefix: str, key: str) -> None:
        self.cursors[prefix] = key

    def orphaned_thumbnails(self, thumbnails: Mapping[str, UUID]) -> Sequence[str]:
        def is_kept(key: str, file_id: UUID) -> bool:
            row = self.table.rows.get(file_id)
            return row is not None and (row.file.thumbnail_key == key or row.file.status is Status.PROCESSING)

        return [key for key, file_id in thumbnails.items() if not is_kept(key, file_id)]

    def compare(self, page: ObjectPage, after: str, settling_time: timedelta, limit: int) -> BucketDiff:
        end = page.objects[-1].key if page.has_more else None
        keys = {ref.key for ref in page.objects}
        settled = [row for row in self.table.rows.values() if row.status_since < now() - settling_time]

        def is_unprocessed(ref: ObjectRef) -> bool:
            row = self.table.by_key(ref.key)
            if row is None or row not in settled:
                return row is None
            return (
                (row.is_done and row.file.etag != ref.etag)
                or row.is_missing_its_object
                or row.file.status in {Status.AWAITING_UPLOAD, Status.EXPIRED, Status.REJECTED}
            )

        def is_missing(row: Row) -> bool:
            key = row.file.object_key
            is_in_range = after.encode() < key.encode() and (end is None or key.encode() <= end.encode())
            return row.is_done and not row.is_missing_its_object and is_in_range and key not in keys

        return BucketDiff(
            unprocessed=[ref.key for ref in page.objects if is_unprocessed(ref)],
            missing=[row.file.object_key for row in settled if is_missing(row)][:limit],
        )

    def requeue_by_key(self, object_key: str) -> None:
        row = self.table.by_key(object_key)
        if row and row.is_done:
            row.requeue()
