"""The files whose bytes haven't arrived."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import IS_AWAITING_BYTES, belongs_to, insertion, owner_parameter
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.deletions import delete_leaving_tombstone, parse_deleted
from chalicelib.adapters.postgres.files import ADDED
from chalicelib.adapters.postgres.mapping import first_file, new_file_parameters, to_file
from chalicelib.adapters.postgres.quotas import NewRow, SameFile, add_within_quotas
from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import IdempotentRequest

ADDED_UPLOAD = {
    **ADDED,
    "check_at": "now() + %(check_in)s",
    "idempotency_key": "%(idempotency_key)s",
    "request_digest": "%(request_digest)s",
}

# An UPDATE that changes nothing, because DO NOTHING returns no row. Without a request, the row exists only if the
# connection was lost after it was added.
ADD = f"""
INSERT INTO files {insertion(ADDED_UPLOAD)}
ON CONFLICT (id) DO UPDATE SET id = excluded.id
RETURNING {FILE_COLUMNS}
"""

ADD_OF_REQUEST = f"""
INSERT INTO files {insertion(ADDED_UPLOAD)}
ON CONFLICT (owner, idempotency_key) WHERE idempotency_key IS NOT NULL
DO UPDATE SET idempotency_key = excluded.idempotency_key
RETURNING {FILE_COLUMNS}
"""


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
        parameters = new_file_parameters(file) | {
            "expires_in": expires_in,
            "check_in": expires_in if check_in is None else min(check_in, expires_in),
            "idempotency_key": request.key if request else None,
            "request_digest": request.digest if request else None,
        }
        if needs := quotas.needs_of_new_file(file.size):
            same_file = SameFile.BY_ID_OR_REQUEST if request else SameFile.BY_ID
            return add_within_quotas(self._database, NewRow(ADDED_UPLOAD, parameters, needs, same_file))
        return to_file(self._database.fetch_all(ADD_OF_REQUEST if request else ADD, parameters)[0])

    def delete(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        return parse_deleted(
            self._database.fetch_all(*delete_leaving_tombstone(owners, file_id, IS_AWAITING_BYTES))
        )

    def find(self, owners: Owners, upload: MultipartRef) -> File | None:
        statement = f"""
SELECT {FILE_COLUMNS}
FROM files
WHERE files.object_key = %(object_key)s
    AND {belongs_to(owners)}
    AND files.multipart_upload_id = %(upload_id)s
"""
        return first_file(self._database.read(statement, _parameters(owners, upload)))

    def bind(self, owners: Owners, upload: MultipartRef) -> File | None:
        statement = f"""
UPDATE files
SET multipart_upload_id = %(upload_id)s
WHERE files.object_key = %(object_key)s
    AND {belongs_to(owners)}
    AND files.status = 'awaiting_upload'
    AND files.size IS NULL
    AND (files.multipart_upload_id IS NULL OR files.multipart_upload_id = %(upload_id)s)
RETURNING {FILE_COLUMNS}
"""
        return first_file(self._database.fetch_all(statement, _parameters(owners, upload)))


def _parameters(owners: Owners, upload: MultipartRef) -> dict[str, Any]:
    return {
        **owner_parameter(owners),
        "object_key": upload.object_key,
        "upload_id": upload.upload_id,
    }
