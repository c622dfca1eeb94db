"""The verdicts of malware scans."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, null, or_, select, update

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.deletions import insert_tombstones
from chalicelib.adapters.postgres.fragments import IS_DONE
from chalicelib.adapters.postgres.mapping import first_file, scan_columns, to_file
from chalicelib.adapters.postgres.processing_queue import rejected_columns
from chalicelib.adapters.postgres.tables import files
from chalicelib.core.files.model import Failure, File, Scan
from chalicelib.core.files.statuses import Status
from chalicelib.core.scanning.ports import RejectedFile

CHECKED_AT = func.coalesce(files.c.scan_check_at, files.c.processed_at)


class PostgresScans:
    """Implements `chalicelib.core.scanning.ports.Scans`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, object_key: str, scan: Scan) -> File | None:
        is_newer = or_(files.c.scan_etag.is_distinct_from(scan.etag), files.c.scanned_at < scan.scanned_at)
        statement = (
            update(files)
            .where(_is_not_rejected(object_key), is_newer)
            .values(**_columns(scan), version=files.c.version + 1)
            .returning(files)
        )
        return first_file(self._database.fetch_all(statement))

    def reject_infected(self, object_key: str, scan: Scan, failure: Failure) -> RejectedFile | None:
        before = files.alias("before")
        rejected = (
            update(files)
            .where(_is_not_rejected(object_key), before.c.id == files.c.id)
            .values(
                **_columns(scan),
                **rejected_columns(failure),
                uploaded_at=func.coalesce(files.c.uploaded_at, func.now()),
            )
            .returning(files, before.c.thumbnail_key.label("previous_thumbnail_key"))
            .cte("rejected")
        )
        objects = select(rejected.c.object_key, rejected.c.id, rejected.c.owner, cast(null(), Text))
        statement = select(rejected).add_cte(insert_tombstones(objects).cte("tombstone"))
        rows = self._database.fetch_all(statement)
        return RejectedFile(to_file(rows[0]), rows[0].previous_thumbnail_key) if rows else None

    def without_verdict(self, settling_time: timedelta, limit: int) -> Sequence[File]:
        settled_at = func.coalesce(files.c.scan_check_at, files.c.processed_at + settling_time)
        statement = (
            select(files)
            .where(
                IS_DONE,
                files.c.scan_etag.is_distinct_from(files.c.etag),
                func.now() > CHECKED_AT,  # the index's condition
                settled_at < func.now(),
            )
            .order_by(CHECKED_AT.desc())
            .limit(limit)
        )
        return [to_file(row) for row in self._database.read(statement)]

    def postpone(self, file: File) -> None:
        age = func.now() - files.c.processed_at
        self._database.execute(
            update(files).where(files.c.id == file.id, IS_DONE).values(scan_check_at=func.now() + age)
        )


def _is_not_rejected(object_key: str) -> ColumnElement[bool]:
    return and_(files.c.object_key == object_key, files.c.status != Status.REJECTED)


def _columns(scan: Scan) -> dict[str, Any]:
    return scan_columns(scan.verdict, scan.scanned_at, scan.etag)
