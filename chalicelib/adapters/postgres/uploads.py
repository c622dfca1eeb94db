"""The files whose bytes haven't arrived."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.deletions import delete_leaving_tombstone, parse_deleted
from chalicelib.adapters.postgres.fragments import IS_AWAITING_BYTES, belongs_to
from chalicelib.adapters.postgres.mapping import first_file, to_columns, to_file
from chalicelib.adapters.postgres.quotas import NewRow, SameFile, add_within_quotas
from chalicelib.adapters.postgres.tables import files
from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import IdempotentRequest


class PostgresUploads:
    """Implements `chalicelib.core.uploads.ports.Uploads`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        file: NewFile,
        expires_in: timedelta,
        check_in: timedelta | None = None,
        request: IdempotentRequest | None = None,
        quotas: Quotas = UNLIMITED,
    ) -> File:
        values = {
            **to_columns(file),
            "status": Status.AWAITING_UPLOAD,
            "idempotency_key": request.key if request else None,
            "request_digest": request.digest if request else None,
        }
        check_in = expires_in if check_in is None else min(check_in, expires_in)
        times = {"expires_at": expires_in, "check_at": check_in}
        if needs := quotas.needs_of_new_file(file.size):
            same_file = SameFile.BY_ID_OR_REQUEST if request else SameFile.BY_ID
            return add_within_quotas(self._database, NewRow(values, times, needs, same_file))
        statement = insert(files).values(values | {name: func.now() + time for name, time in times.items()})
        # An UPDATE that changes nothing, because DO NOTHING returns no row. Without a request, the row exists only
        # if the connection was lost after it was added.
        if request is None:
            added = statement.on_conflict_do_update(
                index_elements=[files.c.id], set_={"id": statement.excluded.id}
            )
        else:
            added = statement.on_conflict_do_update(
                index_elements=[files.c.owner, files.c.idempotency_key],
                index_where=files.c.idempotency_key.is_not(None),
                set_={"idempotency_key": statement.excluded.idempotency_key},
            )
        return to_file(self._database.fetch_all(added.returning(files))[0])

    def delete(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        return parse_deleted(
            self._database.fetch_all(delete_leaving_tombstone(owners, file_id, IS_AWAITING_BYTES))
        )

    def find(self, owners: Owners, upload: MultipartRef) -> File | None:
        statement = select(files).where(
            files.c.object_key == upload.object_key,
            belongs_to(owners),
            files.c.multipart_upload_id == upload.upload_id,
        )
        return first_file(self._database.read(statement))

    def bind(self, owners: Owners, upload: MultipartRef) -> File | None:
        statement = (
            update(files)
            .where(
                files.c.object_key == upload.object_key,
                belongs_to(owners),
                files.c.status == Status.AWAITING_UPLOAD,
                files.c.size.is_(None),
                or_(files.c.multipart_upload_id.is_(None), files.c.multipart_upload_id == upload.upload_id),
            )
            .values(multipart_upload_id=upload.upload_id)
            .returning(files)
        )
        return first_file(self._database.fetch_all(statement))
