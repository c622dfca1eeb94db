"""Files that are to be described again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.rows import file_of
from chalicelib.adapters.postgres.steps import IS_DONE
from chalicelib.adapters.postgres.tables import files, outdated
from chalicelib.core.files import File
from chalicelib.core.ports import Marked, Present
from chalicelib.core.statuses import Status


class PostgresOutdated:
    """Keeps the contract of `chalicelib.core.ports.Outdated`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, present: Present, after: UUID | None, limit: int) -> Marked:
        some = (
            select(files.c.id, files.c.result, files.c.status, files.c.detected_type)
            .where(*([files.c.id > after] if after else []))
            .order_by(files.c.id)
            .limit(limit)
            .cte("some")
        )
        versions, types = present.versions.items(), present.types
        older = or_(*(some.c.result[name]["version"].as_integer() < version for name, version in versions))
        taken = or_(*(some.c.detected_type.startswith(beginning, autoescape=True) for beginning in types))
        none_was_there = and_(some.c.result == literal({}, JSONB), taken)
        done = some.c.status.in_([Status.PROCESSED, Status.FAILED])
        marked = (
            insert(outdated)
            .from_select(["file_id"], select(some.c.id).where(done, or_(older, none_was_there)))
            .on_conflict_do_nothing()
            .returning(outdated.c.file_id)
            .cte("marked")
        )
        row = self._database.rows(
            select(
                select(func.count()).select_from(some).scalar_subquery().label("looked_at"),
                select(func.count()).select_from(marked).scalar_subquery().label("marked"),
                select(some.c.id).order_by(some.c.id.desc()).limit(1).scalar_subquery().label("last"),
            )
        )[0]
        return Marked(row.looked_at, row.marked, row.last)

    def some(self, limit: int) -> Sequence[File]:
        statement = (
            select(files).join(outdated, outdated.c.file_id == files.c.id).where(IS_DONE).order_by(files.c.id)
        )
        return [file_of(row) for row in self._database.rows(statement.limit(limit))]

    def unmark(self, file_id: UUID) -> None:
        self._database.changed(delete(outdated).where(outdated.c.file_id == file_id))
