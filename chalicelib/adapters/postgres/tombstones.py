"""The object keys of deleted files."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.tables import tombstones
from chalicelib.core.files.ports import DeletedFile


class PostgresTombstones:
    """Implements `chalicelib.core.files.ports.Tombstones`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, grace_period: timedelta, limit: int) -> Sequence[DeletedFile]:
        statement = (
            select(tombstones.c.object_key, tombstones.c.multipart_upload_id)
            .where(tombstones.c.cleared_at.is_(None), tombstones.c.deleted_at < func.now() - grace_period)
            .order_by(tombstones.c.deleted_at)
            .limit(limit)
        )
        return [DeletedFile(**row._asdict()) for row in self._database.read(statement)]

    def clear(self, object_key: str) -> None:
        self._database.execute(
            update(tombstones).where(tombstones.c.object_key == object_key).values(cleared_at=func.now())
        )
