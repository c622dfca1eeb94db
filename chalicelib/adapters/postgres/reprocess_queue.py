"""Files that are marked to be processed again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, column, delete, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.fragments import IS_DONE
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.adapters.postgres.tables import files, reprocess_marks
from chalicelib.core.files.model import File
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.ports import MarkedBatch, ProcessorCatalog


class PostgresReprocessQueue:
    """Implements `chalicelib.core.processing.ports.ReprocessQueue`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, catalog: ProcessorCatalog, after: UUID | None, limit: int) -> MarkedBatch:
        # Results may be large: each is read once, not once for each version that it is compared with.
        facts = func.jsonb_each(files.c.result).table_valued("key", column("value", JSONB))
        versions = select(func.jsonb_object_agg(facts.c.key, facts.c.value["version"], type_=JSONB))
        batch = (
            select(
                files.c.id,
                files.c.status,
                files.c.detected_type,
                files.c.result.is_not(None).label("has_result"),
                versions.scalar_subquery().label("versions"),
                files.c.scan_etag.is_distinct_from(files.c.etag).label("has_no_verdict"),
            )
            .where(*([files.c.id > after] if after else []))
            .order_by(files.c.id)
            .limit(limit)
            .cte("batch")
        )
        is_older = or_(
            *(batch.c.versions[name].as_integer() < version for name, version in catalog.versions.items())
        )
        is_accepted = or_(*(batch.c.detected_type.startswith(prefix, autoescape=True) for prefix in catalog.types))
        was_not_processed = and_(batch.c.has_result, batch.c.versions.is_(None), is_accepted)
        reasons = [is_older, was_not_processed, *([batch.c.has_no_verdict] if catalog.scans_files else [])]
        is_done = batch.c.status.in_([Status.PROCESSED, Status.FAILED])
        marked = (
            insert(reprocess_marks)
            .from_select(["file_id"], select(batch.c.id).where(is_done, or_(*reasons)))
            .on_conflict_do_nothing()
            .returning(reprocess_marks.c.file_id)
            .cte("marked")
        )
        row = self._database.fetch_all(
            select(
                select(func.count()).select_from(batch).scalar_subquery().label("examined"),
                select(func.count()).select_from(marked).scalar_subquery().label("marked"),
                select(batch.c.id).order_by(batch.c.id.desc()).limit(1).scalar_subquery().label("last_id"),
            )
        )[0]
        return MarkedBatch(row.examined, row.marked, row.last_id)

    def next_batch(self, limit: int) -> Sequence[File]:
        statement = (
            select(files)
            .join(reprocess_marks, reprocess_marks.c.file_id == files.c.id)
            .where(IS_DONE)
            .order_by(files.c.id)
        )
        return [to_file(row) for row in self._database.read(statement.limit(limit))]

    def unmark(self, file_id: UUID) -> None:
        self._database.execute(delete(reprocess_marks).where(reprocess_marks.c.file_id == file_id))
