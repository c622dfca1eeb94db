"""Finished files whose type mismatch isn't stored."""

from collections.abc import Sequence

from sqlalchemy import Boolean, Integer, Uuid, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.fragments import IS_DONE
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.adapters.postgres.tables import files
from chalicelib.core.files.model import File


class PostgresMismatchBacklog:
    """Implements `chalicelib.core.sweep.ports.MismatchBacklog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_batch(self, limit: int) -> Sequence[File]:
        statement = select(files).where(files.c.mismatch.is_(None), IS_DONE).order_by(files.c.id).limit(limit)
        return [to_file(row) for row in self._database.read(statement)]

    def store(self, batch: Sequence[File]) -> None:
        computed = (
            func.unnest(
                literal([file.id for file in batch], ARRAY(Uuid)),
                literal([file.version for file in batch], ARRAY(Integer)),
                literal([file.mismatch for file in batch], ARRAY(Boolean)),
            )
            .table_valued("id", "version", "mismatch")
            .render_derived()
            .alias("computed")
        )
        self._database.execute(
            update(files)
            .where(files.c.id == computed.c.id, files.c.version == computed.c.version)
            .values(mismatch=computed.c.mismatch)
        )
