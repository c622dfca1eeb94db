"""`Uploads` in memory."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import IdempotentRequest
from tests.fakes.files import delete_row
from tests.fakes.table import Table, belongs_to, now


@dataclass
class FakeUploads:
    """`Uploads` in memory."""

    table: Table

    def add(
        self,
        file: NewFile,
        expires_in: timedelta,
        check_in: timedelta | None = None,
        request: IdempotentRequest | None = None,
        quotas: Quotas = UNLIMITED,
    ) -> File:
        if row := self.table.owned(file.owner, file.id):
            return row.file
        if request:
            for row in self.table.rows.values():
                if (row.file.owner, row.idempotency_key) == (file.owner, request.key):
                    return row.file
        self.table.require_quota(file, quotas)
        digest = request.digest if request else None
        self.table.insert(file, Status.AWAITING_UPLOAD, expires_at=now() + expires_in, request_digest=digest)
        row = self.table.rows[file.id]
        row.idempotency_key = request.key if request else None
        row.check_at = now() + (expires_in if check_in is None else min(check_in, expires_in))
        return row.file

    def delete(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        return delete_row(self.table, owners, file_id, only_awaiting=True)

    def find(self, owners: Owners, upload: MultipartRef) -> File | None:
        for row in self.table.rows.values():
            found = MultipartRef(row.file.object_key, row.file.multipart_upload_id or "")
            if found == upload and belongs_to(owners, row.file.owner):
                return row.file
        return None

    def bind(self, owners: Owners, upload: MultipartRef) -> File | None:
        for row in self.table.rows.values():
            file = row.file
            is_open = file.status is Status.AWAITING_UPLOAD and file.size is None
            is_wanted = file.object_key == upload.object_key and belongs_to(owners, file.owner)
            if not (is_wanted and is_open):
                continue
            if file.multipart_upload_id in {None, upload.upload_id}:
                row.file = replace(file, multipart_upload_id=upload.upload_id)
                return row.file
        return None
