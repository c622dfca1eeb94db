"""`Files` and `Tombstones` in memory."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.list_files import sort_key
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import RESULT_BYTES_IN_LISTING, DeletedFile, Listing, NewName
from chalicelib.core.files.search_terms import normalize_text, result_words, text_words
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import UNLIMITED, Quotas
from tests.fakes.table import Table, belongs_to, now


@dataclass
class FakeFiles:
    """`Files` in memory."""

    table: Table

    def add(self, file: NewFile, expires_in: timedelta, quotas: Quotas = UNLIMITED) -> None:
        self.table.require_quota(file, quotas)
        self.table.insert(file, Status.AWAITING_UPLOAD, expires_at=now() + expires_in)

    def mark_uploaded(self, owner: str, file_id: UUID, etag: str | None) -> File | None:
        row = self.table.owned(owner, file_id)
        if row and row.is_awaiting_bytes:
            row.move(Status.UPLOADED, uploaded_at=now(), queued_at=now())
        if row:
            row.update(etag=row.file.etag or etag)
        return row.file if row else None

    def get(self, owners: Owners, file_id: UUID) -> File | None:
        row = self.table.owned(owners, file_id)
        return row.file if row else None

    def list(self, owners: Owners, query: ListQuery) -> Listing:
        def position(file: File) -> tuple[Any, ...]:
            key = sort_key(query.order, file)
            return (file.listed_at if query.order.key == "uploaded_at" else key, file.id)

        owned = [row.file for row in self.table.rows.values() if belongs_to(owners, row.file.owner)]
        files = sorted(
            (file for file in owned if _matches(file, query)), key=position, reverse=query.order.descending
        )
        if query.after is not None:
            key: Any = query.after.key
            last = (datetime.fromisoformat(key) if query.order.key == "uploaded_at" else key, query.after.id)
            files = [f for f in files if (position(f) < last if query.order.descending else position(f) > last)]
        page: list[File] = []
        for file in files[: query.limit]:
            if sum(_result_bytes(earlier) for earlier in page) > RESULT_BYTES_IN_LISTING:
                break
            page.append(file)
        return Listing(page, len(files) > len(page))

    def update(
        self,
        owners: Owners,
        file_id: UUID,
        *,
        name: NewName | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> File | None:
        row = self.table.owned(owners, file_id)
        if row is None:
            return None
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = name.name
        if metadata is not None:
            changes["metadata"] = dict(metadata)
        is_changed = any(getattr(row.file, field) != value for field, value in changes.items())
        if name is not None:
            changes["mismatch"] = name.mismatch if row.file.version == name.version else None
        if is_changed:
            row.add_version(**changes)
        else:
            row.update(**changes)
        return row.file

    def requeue(self, owners: Owners, file_id: UUID) -> File | None:
        row = self.table.owned(owners, file_id)
        if row is None or not row.is_done:
            return None
        row.requeue()
        return row.file

    def delete_leaving_tombstone(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        return delete_row(self.table, owners, file_id)


@dataclass
class FakeTombstones:
    """`Tombstones` in memory."""

    table: Table

    def pending(self, grace_period: timedelta, limit: int) -> Sequence[DeletedFile]:
        before = now() - grace_period
        return [
            DeletedFile(key, tombstone.multipart_upload_id)
            for key, tombstone in self.table.tombstones.items()
            if not tombstone.cleared and tombstone.deleted_at < before
        ][:limit]

    def clear(self, object_key: str) -> None:
        if object_key in self.table.tombstones:
            self.table.tombstones[object_key].cleared = True


def delete_row(table: Table, owners: Owners, file_id: UUID, *, only_awaiting: bool = False) -> DeletedFile | None:
    """Delete the row and leave a tombstone, or find the tombstone of an earlier call."""
    row = table.owned(owners, file_id)
    if row and (row.is_awaiting_bytes or not only_awaiting):
        table.delete(row)
        tombstone = table.tombstones[row.file.object_key]
        return DeletedFile(row.file.object_key, tombstone.multipart_upload_id, row.file.thumbnail_key)
    if row:
        return None
    for key, tombstone in table.tombstones.items():
        if tombstone.file_id == file_id and belongs_to(owners, tombstone.owner) and not tombstone.cleared:
            return DeletedFile(key, tombstone.multipart_upload_id)
    return None


def _result_bytes(file: File) -> int:
    return len(json.dumps(file.result, ensure_ascii=False).encode()) if file.result is not None else 0


def _matches(file: File, query: ListQuery) -> bool:
    detected = file.detected_type or ""
    return (
        (query.status is None or file.status is query.status)
        and (query.mismatch is None or _stored_mismatch(file) is query.mismatch)
        and query.metadata.items() <= file.metadata.items()
        and normalize_text(query.name_contains or "") in normalize_text(file.name)
        and (query.text is None or _has_words(file, query.text))
        and (
            query.type is None
            or detected == query.type
            or (query.type.endswith("/*") and detected.startswith(query.type[:-1]))
        )
    )


def _has_words(file: File, text: str) -> bool:
    words = set(text_words(text))
    return bool(words) and words <= set(result_words(file.owner, file.result))


def _stored_mismatch(file: File) -> bool | None:
    """Return None where the mismatch isn't stored although there is a type to compare."""
    return False if file.mismatch is None and file.detected_type is None else file.mismatch
