"""Presigned and multipart uploads that something interrupts: the database, another tool, another request."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import uuid_utils.compat as uuids

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError
from chalicelib.core.files.model import Checksum, File
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.uploads.begin_multipart_upload import BeginMultipartUpload, begin_multipart_upload
from chalicelib.core.uploads.complete_upload import CompleteUpload, complete_upload
from chalicelib.core.uploads.completion import Completion
from chalicelib.core.uploads.create_upload import AnnouncedFile, CreateUpload, create_upload
from chalicelib.core.uploads.limits import UploadLimits
from chalicelib.core.uploads.model import Upload
from chalicelib.core.uploads.unsized_file import UnsizedFile
from tests.database_ports import FakePorts, reload
from tests.fakes.storage import FakeStorage
from tests.fakes.uploads import FakeUploads
from tests.samples import OWNER, checksum, same_limits
from tests.unit.use_cases import LEASE, run_sweep

HOUR = timedelta(hours=1)
BODY = b"hello"


class LostResponses(FakeUploads):
    """Adds the row, but the database's response is lost. It may not respond to anything afterwards."""

    deletes = True

    def add(self, *arguments: Any) -> File:
        super().add(*arguments)
        raise ServiceError(DATABASE_UNAVAILABLE)

    def delete(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        if not self.deletes:
            raise ServiceError(DATABASE_UNAVAILABLE)
        return super().delete(owners, file_id)


def create(
    db: FakePorts,
    storage: FakeStorage,
    *,
    in_parts: bool,
    given: Checksum | None = None,
    file_id: UUID | None = None,
) -> Upload:
    threshold = 1 if in_parts else 100
    announced = AnnouncedFile(name="a.txt", size=len(BODY), declared_type="text/plain", checksum=given)
    return create_upload(
        CreateUpload(OWNER, file_id or uuids.uuid7(), announced, "key"),
        uploads=db.uploads,
        storage=storage,
        public_storage=storage,
        limits=UploadLimits(owners=same_limits(100), multipart_threshold=threshold, expires_in=HOUR),
    )


def complete(db: FakePorts, storage: FakeStorage, upload: Upload) -> None:
    completion = Completion(
        files=db.files, uploads=db.uploads, tombstones=db.tombstones, storage=storage, limits=same_limits(100)
    )
    complete_upload(CompleteUpload(OWNER, upload.file.id), files=db.files, completion=completion)


def let_check_be_due(db: FakePorts, file_id: UUID) -> None:
    db.table.rows[file_id].check_at = db.table.rows[file_id].file.created_at


@pytest.mark.parametrize("deletes", [True, False])
def test_row_without_its_multipart_upload_does_not_stay(
    db: FakePorts, storage: FakeStorage, worker: Worker, deletes: bool
) -> None:
    file_id = uuids.uuid7()
    lost = LostResponses(db.table)
    lost.deletes = deletes
    db.uploads = lost
    with pytest.raises(ServiceError):
        create(db, storage, in_parts=True, file_id=file_id)
    assert storage.open_uploads == {}
    if deletes:
        assert db.files.get(OWNER, file_id) is None
        db.uploads = FakeUploads(db.table)
        assert create(db, storage, in_parts=True).parts  # the same key begins anew
        return
    let_check_be_due(db, file_id)
    outcomes = run_sweep(db, worker)
    file = db.files.get(OWNER, file_id)
    assert file is not None
    assert (file.status, outcomes[SweepOutcome.UPLOAD_ABANDONED]) == (Status.EXPIRED, 1)


def test_row_of_an_upload_from_uppy_does_not_stay_either(db: FakePorts, storage: FakeStorage) -> None:
    upload_limits = UploadLimits(owners=same_limits(100), multipart_threshold=1, expires_in=HOUR)
    command = BeginMultipartUpload(OWNER, uuids.uuid7(), UnsizedFile(name="a.txt"))
    with pytest.raises(ServiceError):
        begin_multipart_upload(command, uploads=LostResponses(db.table), storage=storage, limits=upload_limits)
    assert (db.table.rows, storage.open_uploads) == ({}, {})


def test_sweep_does_not_expire_what_was_completed_meanwhile(
    db: FakePorts, storage: FakeStorage, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = create(db, storage, in_parts=True)
    assert upload.file.multipart_upload_id
    storage.put_part(upload.file.multipart_upload_id, 1, BODY)
    let_check_be_due(db, upload.file.id)
    list_parts = storage.list_parts

    def complete_and_list(key: str, upload_id: str) -> object:
        monkeypatch.setattr(storage, "list_parts", list_parts)
        complete(db, storage, upload)
        return list_parts(key, upload_id)

    monkeypatch.setattr(storage, "list_parts", complete_and_list)
    run_sweep(db, worker)
    assert reload(db, upload.file).status is Status.PROCESSED


@pytest.mark.parametrize("completes_first", [True, False])
def test_checksum_is_the_objects_whoever_put_it(
    db: FakePorts, storage: FakeStorage, worker: Worker, completes_first: bool
) -> None:
    upload = create(db, storage, in_parts=False, given=checksum(BODY))
    other = b"another tool's"
    storage.store(upload.file.object_key, other, "text/plain")
    if completes_first:
        complete(db, storage, upload)
    worker.process(ObjectRef(upload.file.object_key), LEASE)
    assert reload(db, upload.file).checksum == Checksum("sha256", sha256(other).hexdigest())


@pytest.mark.parametrize("completes_first", [True, False])
def test_storage_checksum_is_used_whatever_was_first(
    db: FakePorts, storage: FakeStorage, worker: Worker, completes_first: bool
) -> None:
    upload = create(db, storage, in_parts=False)
    stored = Checksum("crc64nvme", "0123456789abcdef")
    storage.store(upload.file.object_key, BODY, "text/plain", stored)
    if completes_first:
        complete(db, storage, upload)
    worker.process(ObjectRef(upload.file.object_key), LEASE)
    assert reload(db, upload.file).checksum == stored
