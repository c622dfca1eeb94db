"""Uploading a file through the API."""

from uuid import UUID

import pytest
import uuid_utils.compat as uuids

from chalicelib.core.errors import (
    DATABASE_UNAVAILABLE,
    DELETED_DURING_UPLOAD,
    INSUFFICIENT_STORAGE,
    STORAGE_UNAVAILABLE,
    ServiceError,
)
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import Checksum
from chalicelib.core.files.statuses import Status
from chalicelib.core.metrics import Metric
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.uploads.upload_file import ReceivedFile, UploadFile, upload_file
from tests.database_ports import FakePorts
from tests.fakes.metrics import FakeMetrics
from tests.fakes.storage import FakeStorage
from tests.samples import OWNER, checksum, same_limits
from tests.unit.use_cases import LEASE, make_worker, upload


class TestUploadFile:
    def test_upload_stores_object_and_row(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)
        assert storage.objects == {file.object_key: (b"hello", "text/plain")}
        assert (file.status, file.size, file.checksum) == (Status.UPLOADED, 5, checksum(b"hello"))

    def test_row_awaits_upload_after_the_storage_failed(self, db: FakePorts, storage: FakeStorage) -> None:
        storage.down = True
        with pytest.raises(ServiceError) as caught:
            upload(db, storage)
        assert caught.value.kind is STORAGE_UNAVAILABLE
        [file] = db.files.list(OWNER, ListQuery()).files
        assert file.status is Status.AWAITING_UPLOAD

    def test_a_full_storage_leaves_no_row(self, db: FakePorts, storage: FakeStorage) -> None:
        storage.full = True
        with pytest.raises(ServiceError) as caught:
            upload(db, storage)
        assert caught.value.kind is INSUFFICIENT_STORAGE
        assert db.files.list(OWNER, ListQuery()).files == []

    def test_row_expires_if_it_cannot_be_deleted_after_the_storage_was_full(
        self, db: FakePorts, storage: FakeStorage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(owner: str, file_id: UUID) -> list[str]:  # noqa: ARG001  # the port's signature
            raise ServiceError(DATABASE_UNAVAILABLE)

        storage.full = True
        monkeypatch.setattr(db.files, "delete_leaving_tombstone", fail)
        with pytest.raises(ServiceError) as caught:
            upload(db, storage)
        assert caught.value.kind is INSUFFICIENT_STORAGE
        [file] = db.files.list(OWNER, ListQuery()).files
        assert file.status is Status.AWAITING_UPLOAD

    def test_file_deleted_during_upload_leaves_no_object(self, db: FakePorts) -> None:
        class DeletedDuringPut(FakeStorage):
            def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
                etag = super().put(key, body, media_type, checksum)
                for file_id in list(db.table.rows):
                    db.files.delete_leaving_tombstone(OWNER, file_id)
                return etag

        storage = DeletedDuringPut()
        with pytest.raises(ServiceError) as caught:
            upload(db, storage)
        assert caught.value.kind is DELETED_DURING_UPLOAD
        assert storage.objects == {}

    def test_event_may_arrive_before_mark_uploaded(self, db: FakePorts) -> None:
        class EventDuringPut(FakeStorage):
            def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
                etag = super().put(key, body, media_type, checksum)
                make_worker(db, self).process(ObjectRef(key, etag), LEASE)
                return etag

        assert upload(db, EventDuringPut()).status is Status.PROCESSED

    def test_upload_is_counted_only_once_stored(self, db: FakePorts, storage: FakeStorage) -> None:
        metrics = FakeMetrics()

        def upload() -> None:
            upload = ReceivedFile("a", None, b"x")
            upload_file(
                UploadFile(OWNER, uuids.uuid7(), upload),
                files=db.files,
                storage=storage,
                metrics=metrics,
                limits=same_limits(),
            )

        storage.down = True
        with pytest.raises(ServiceError):
            upload()
        assert metrics.added == []
        storage.down = False
        upload()
        assert metrics.added == [(Metric.UPLOADS, 1, {})]
