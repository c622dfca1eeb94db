"""The comparison of the rows with the bucket's listing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.fragments import IS_DONE, REQUEUED
from chalicelib.adapters.postgres.tables import bucket_scans, files
from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.core.files.statuses import Status
from chalicelib.core.storage import ObjectPage
from chalicelib.core.sweep.ports import BucketDiff


class PostgresBucketScan:
    """Implements `chalicelib.core.sweep.ports.BucketScan`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self, prefix: str) -> str:
        statement = select(bucket_scans.c.cursor.label("cursor")).where(bucket_scans.c.prefix == prefix)
        rows = self._database.read(statement)
        return rows[0].cursor if rows else ""

    def save_cursor(self, prefix: str, key: str) -> None:
        statement = insert(bucket_scans).values(prefix=prefix, cursor=key)
        self._database.execute(
            statement.on_conflict_do_update(
                index_elements=[bucket_scans.c.prefix],
                set_={"cursor": statement.excluded.cursor, "scanned_at": func.now()},
            )
        )

    def compare(self, page: ObjectPage, after: str, settling_time: timedelta, limit: int) -> BucketDiff:
        keys, etags = [ref.key for ref in page.objects], [ref.etag for ref in page.objects]
        listed = (
            func.unnest(literal(keys, ARRAY(Text)), literal(etags, ARRAY(Text)))
            .table_valued("object_key", "etag")
            .render_derived()
            .alias("listed")
        )
        settled = files.c.status_since < func.now() - settling_time
        is_stale = or_(
            and_(IS_DONE, files.c.etag.is_distinct_from(listed.c.etag)),
            and_(files.c.status == Status.FAILED, files.c.error_code == OBJECT_MISSING.code),
            files.c.status.in_([Status.AWAITING_UPLOAD, Status.EXPIRED, Status.REJECTED]),
        )
        unprocessed = (
            select(listed.c.object_key, literal(True).label("listed"))
            .select_from(listed.outerjoin(files, files.c.object_key == listed.c.object_key))
            .where(or_(files.c.id.is_(None), and_(is_stale, settled)))
        )
        missing = (
            select(files.c.object_key, literal(False))
            .where(
                IS_DONE,
                settled,
                files.c.error_code.is_distinct_from(OBJECT_MISSING.code),
                files.c.object_key > after,
                files.c.object_key.startswith(UPLOADS_PREFIX),
                *([files.c.object_key <= keys[-1]] if page.has_more else []),
                files.c.object_key.not_in(select(listed.c.object_key)),
            )
            .limit(limit)
        )
        rows = self._database.read(unprocessed.union_all(missing.subquery().select()))
        return BucketDiff(
            unprocessed=[row.object_key for row in rows if row.listed],
            missing=[row.object_key for row in rows if not row.listed],
        )

    def orphaned_thumbnails(self, thumbnails: Mapping[str, UUID]) -> Sequence[str]:
        listed = (
            func.unnest(literal(list(thumbnails), ARRAY(Text)), literal(list(thumbnails.values()), ARRAY(Uuid)))
            .table_valued("object_key", "file_id")
            .render_derived()
            .alias("listed")
        )
        is_kept = or_(files.c.thumbnail_key == listed.c.object_key, files.c.status == Status.PROCESSING)
        kept = exists().where(files.c.id == listed.c.file_id, is_kept)
        return [row.object_key for row in self._database.read(select(listed.c.object_key).where(~kept))]

    def requeue_by_key(self, object_key: str) -> None:
        self._database.execute(update(files).where(files.c.object_key == object_key, IS_DONE).values(REQUEUED))
