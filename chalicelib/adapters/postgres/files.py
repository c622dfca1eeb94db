"""The files."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Text, case, false, func, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.deletions import delete_leaving_tombstone, parse_deleted
from chalicelib.adapters.postgres.file_lists import list_files
from chalicelib.adapters.postgres.fragments import IS_AWAITING_BYTES, IS_DONE, REQUEUED, owned
from chalicelib.adapters.postgres.mapping import first_file, mismatch_columns, to_columns, to_file
from chalicelib.adapters.postgres.quotas import NewRow, SameFile, add_within_quotas
from chalicelib.adapters.postgres.tables import files
from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import DeletedFile, Listing, NewName
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import UNLIMITED, Quotas


class PostgresFiles:
    """Implements `chalicelib.core.files.ports.Files`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, file: NewFile, expires_in: timedelta, quotas: Quotas = UNLIMITED) -> None:
        values = {**to_columns(file), "status": Status.AWAITING_UPLOAD}
        if needs := quotas.needs_of_new_file(file.size):
            add_within_quotas(self._database, NewRow(values, {"expires_at": expires_in}, needs, SameFile.BY_ID))
            return
        statement = insert(files).values(**values, expires_at=func.now() + expires_in)
        # There is a conflict if a connection was lost, and the statement runs again.
        self._database.execute(statement.on_conflict_do_nothing(index_elements=[files.c.id]))

    def mark_uploaded(self, owner: str, file_id: UUID, etag: str | None) -> File | None:
        return self._one(
            update(files)
            .where(owned(owner, file_id))
            .values(
                status=case((IS_AWAITING_BYTES, literal(Status.UPLOADED.value)), else_=files.c.status),
                status_since=case((IS_AWAITING_BYTES, func.now()), else_=files.c.status_since),
                uploaded_at=func.coalesce(files.c.uploaded_at, func.now()),
                queued_at=func.coalesce(files.c.queued_at, func.now()),
                etag=func.coalesce(files.c.etag, literal(etag, Text)),
                version=files.c.version + case((IS_AWAITING_BYTES, 1), else_=0),
            )
            .returning(files)
        )

    def get(self, owners: Owners, file_id: UUID) -> File | None:
        return first_file(self._database.read(select(files).where(owned(owners, file_id))))

    def list(self, owners: Owners, query: ListQuery) -> Listing:
        rows = self._database.read(*list_files(owners, query))
        shown = [row for row in rows if not row.beyond][: query.limit]
        return Listing([to_file(row) for row in shown], len(rows) > len(shown))

    def update(
        self,
        owners: Owners,
        file_id: UUID,
        *,
        name: NewName | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> File | None:
        values: dict[str, Any] = {}
        if name is not None:
            values["name"] = literal(name.name, files.c.name.type)
        if metadata is not None:
            values["metadata"] = literal(metadata, files.c.metadata.type) if metadata else null()
        differs = or_(false(), *(files.c[column].is_distinct_from(value) for column, value in values.items()))
        values["version"] = files.c.version + case((differs, 1), else_=0)
        if name is not None:
            mismatch = case((files.c.version == name.version, literal(name.mismatch)), else_=null())
            values |= mismatch_columns(mismatch, values["version"])
        return self._one(update(files).where(owned(owners, file_id)).values(values).returning(files))

    def requeue(self, owners: Owners, file_id: UUID) -> File | None:
        return self._one(update(files).where(owned(owners, file_id), IS_DONE).values(REQUEUED).returning(files))

    def delete_leaving_tombstone(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        return parse_deleted(self._database.fetch_all(delete_leaving_tombstone(owners, file_id)))

    def _one(self, statement: Executable) -> File | None:
        return first_file(self._database.fetch_all(statement))
