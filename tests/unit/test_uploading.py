"""Taking files in."""

import pytest
import uuid_utils.compat as uuids

from chalicelib.core import uploading
from chalicelib.core.errors import (
    DELETED_DURING_UPLOAD,
    STORAGE_UNAVAILABLE,
    ServiceError,
)
from chalicelib.core.files import Checksum
from chalicelib.core.measures import Measure
from chalicelib.core.queries import ListQuery
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status
from chalicelib.core.uploading import Upload
from tests.fake_metrics import FakeMetrics
from tests.fake_rows import FakeRows
from tests.fake_storage import FakeStorage
from tests.samples import OWNER, checksum
from tests.unit.on_fakes import LEASE, hand_in, worker_of


class TestUploading:
    def test_the_file_is_stored_and_uploaded(self, rows: FakeRows, storage: FakeStorage) -> None:
        file = hand_in(rows, storage)
        assert storage.objects == {file.object_key: (b"hello", "text/plain")}
        assert (file.status, file.size, file.checksum) == (Status.UPLOADED, 5, checksum(b"hello"))

    def test_when_the_storage_fails_the_row_waits(self, rows: FakeRows, storage: FakeStorage) -> None:
        storage.down = True
        with pytest.raises(ServiceError) as caught:
            hand_in(rows, storage)
        assert caught.value.kind is STORAGE_UNAVAILABLE
        [file] = rows.list(OWNER, ListQuery())
        assert file.status is Status.AWAITING_UPLOAD

    def test_a_file_deleted_while_it_is_uploaded_leaves_no_object(self, rows: FakeRows) -> None:
        class DeletedDuringPut(FakeStorage):
            def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
                etag = super().put(key, body, media_type, checksum)
                for file_id in list(rows.rows):
                    rows.bury(OWNER, file_id)
                return etag

        storage = DeletedDuringPut()
        with pytest.raises(ServiceError) as caught:
            hand_in(rows, storage)
        assert caught.value.kind is DELETED_DURING_UPLOAD
        assert storage.objects == {}

    def test_the_event_may_be_quicker_than_the_second_statement(self, rows: FakeRows) -> None:
        class EventDuringPut(FakeStorage):
            def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
                etag = super().put(key, body, media_type, checksum)
                worker_of(rows, self).process(CreatedObject(key, etag), LEASE)
                return etag

        assert hand_in(rows, EventDuringPut()).status is Status.PROCESSED

    def test_an_upload_is_counted_when_its_bytes_are_there(self, rows: FakeRows, storage: FakeStorage) -> None:
        metrics = FakeMetrics()

        def upload() -> None:
            handed_in = Upload("a", None, b"x")
            uploading.upload(handed_in, uuids.uuid7(), OWNER, files=rows, storage=storage, metrics=metrics)

        storage.down = True
        with pytest.raises(ServiceError):
            upload()
        assert metrics.added == []
        storage.down = False
        upload()
        assert metrics.added == [(Measure.UPLOADS, 1, {})]
