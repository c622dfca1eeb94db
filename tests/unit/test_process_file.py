"""Processing a file: claims, outcomes, replaced objects, errors."""

import io
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import pytest
from msgspec.structs import replace

from chalicelib.core import log_context
from chalicelib.core.errors import (
    DATABASE_UNAVAILABLE,
    OBJECT_MISSING,
    STORAGE_UNAVAILABLE,
    UNREADABLE_IMAGE,
    BadContentError,
    ServiceError,
)
from chalicelib.core.files.delete_file import DeleteFile, delete_file
from chalicelib.core.files.model import Analysis, Failure, File
from chalicelib.core.files.statuses import Status
from chalicelib.core.metrics import Metric
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from tests.database_ports import ALREADY_OVER, FakePorts, reload
from tests.fakes.metrics import FakeMetrics
from tests.fakes.storage import FakeStorage
from tests.samples import ANALYZED_OBJECT, OWNER, checksum
from tests.unit.use_cases import LEASE, analyze, make_worker, upload


class TestWorker:
    def test_uploaded_file_is_processed(self, db: FakePorts, storage: FakeStorage, worker: Worker) -> None:
        file = upload(db, storage)
        worker.process(ObjectRef(file.object_key), LEASE)
        done = reload(db, file)
        assert done.status is Status.PROCESSED
        assert done.result == {"read": 5, "size": 5}
        assert done.checksum == checksum(b"hello")

    def test_duplicate_event_changes_nothing(self, db: FakePorts, storage: FakeStorage, worker: Worker) -> None:
        file = upload(db, storage)
        worker.process(ObjectRef(file.object_key), LEASE)
        requests, done = storage.requests, reload(db, file)
        worker.process(ObjectRef(file.object_key), LEASE)
        assert (storage.requests, reload(db, file)) == (requests, done)

    def test_bad_content_fails_without_an_exception(self, db: FakePorts, storage: FakeStorage) -> None:
        def refuse(*_: object) -> Analysis:
            raise BadContentError(UNREADABLE_IMAGE)

        file = upload(db, storage)
        worker = make_worker(db, storage, refuse)
        worker.process(ObjectRef(file.object_key), LEASE)
        failed = reload(db, file)
        assert failed.status is Status.FAILED
        assert failed.failure == Failure(UNREADABLE_IMAGE.code, UNREADABLE_IMAGE.message)

    def test_file_with_missing_object_fails(self, db: FakePorts, storage: FakeStorage, worker: Worker) -> None:
        file = upload(db, storage)
        storage.objects.clear()
        worker.process(ObjectRef(file.object_key), LEASE)
        failure = reload(db, file).failure
        assert failure is not None
        assert failure.code == OBJECT_MISSING.code

    def test_transient_error_releases_the_claim_and_raises(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        file = upload(db, storage)
        storage.down = True
        with pytest.raises(ServiceError):
            worker.process(ObjectRef(file.object_key), LEASE)
        assert reload(db, file).status is Status.UPLOADED
        storage.down = False
        worker.process(ObjectRef(file.object_key), LEASE)
        assert reload(db, file).attempts == 2

    def test_result_that_cannot_be_stored_releases_the_claim(
        self, db: FakePorts, storage: FakeStorage, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = upload(db, storage)

        def broken(*_: object) -> File:
            raise ServiceError(DATABASE_UNAVAILABLE)

        with monkeypatch.context() as failing:
            failing.setattr(db.queue, "finish", broken)
            with pytest.raises(ServiceError):
                worker.process(ObjectRef(file.object_key), LEASE)
        assert reload(db, file).status is Status.UPLOADED

    def test_worker_that_lost_its_lease_stores_nothing(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)

        def overtaken(source: BinaryIO, size: int, *_: object) -> Analysis:
            claim = db.queue.claim(ObjectRef(file.object_key), LEASE)
            assert claim is not None
            db.queue.finish(claim, analyze(io.BytesIO(b"the other's"), 11), ANALYZED_OBJECT)
            return analyze(source, size)

        worker = make_worker(db, storage, overtaken)
        worker.process(ObjectRef(file.object_key), ALREADY_OVER)
        assert reload(db, file).result == {"read": 11, "size": 11}

    def test_file_deleted_during_processing_stays_deleted(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)

        def deleted(source: BinaryIO, size: int, *_: object) -> Analysis:
            delete_file(DeleteFile(OWNER, file.id), files=db.files, tombstones=db.tombstones, storage=storage)
            return analyze(source, size)

        worker = make_worker(db, storage, deleted)
        worker.process(ObjectRef(file.object_key), LEASE)
        assert db.files.get(OWNER, file.id) is None
        assert storage.objects == {}

    def test_failing_record_does_not_block_the_others(self, db: FakePorts, storage: FakeStorage) -> None:
        files = [upload(db, storage, body) for body in (b"one", b"bad", b"two")]

        def picky(source: BinaryIO, size: int, *_: object) -> Analysis:
            if source.read() == b"bad":
                raise ServiceError(STORAGE_UNAVAILABLE)
            return analyze(source, size)

        worker = make_worker(db, storage, picky)
        with pytest.raises(ServiceError):
            worker.process_all([ObjectRef(file.object_key) for file in files], LEASE)
        assert [reload(db, file).status for file in files] == [
            Status.PROCESSED,
            Status.UPLOADED,
            Status.PROCESSED,
        ]


class TestMetricsAndLogs:
    def test_processed_file_is_counted_and_timed(
        self, db: FakePorts, storage: FakeStorage, metrics: FakeMetrics, worker: Worker
    ) -> None:
        file = upload(db, storage)
        row = db.table.rows[file.id]
        row.file = replace(row.file, queued_at=datetime.now(UTC) - timedelta(seconds=90))
        worker.process(ObjectRef(file.object_key), LEASE)
        assert metrics.values(Metric.PROCESSED) == [1]
        [milliseconds] = metrics.values(Metric.TIME_TO_PROCESSED)
        assert 90_000 <= milliseconds < 120_000

    def test_failed_file_is_counted_by_its_code(
        self, db: FakePorts, storage: FakeStorage, metrics: FakeMetrics
    ) -> None:
        def refuse(*_: object) -> Analysis:
            raise BadContentError(UNREADABLE_IMAGE)

        file = upload(db, storage)
        make_worker(db, storage, refuse, metrics).process(ObjectRef(file.object_key), LEASE)
        assert metrics.added == [(Metric.FAILED, 1, {"code": UNREADABLE_IMAGE.code})]

    def test_duplicate_event_and_discarded_result_are_not_counted(
        self, db: FakePorts, storage: FakeStorage, metrics: FakeMetrics, worker: Worker
    ) -> None:
        file = upload(db, storage)

        def deleted(source: BinaryIO, size: int, *_: object) -> Analysis:
            db.files.delete_leaving_tombstone(OWNER, file.id)
            return analyze(source, size)

        make_worker(db, storage, deleted, metrics).process(ObjectRef(file.object_key), LEASE)
        worker.process(ObjectRef(file.object_key), LEASE)
        assert metrics.added == []

    def test_log_lines_of_processing_have_the_file_id(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)
        contexts = []

        def note(source: BinaryIO, size: int, *_: object) -> Analysis:
            contexts.append(log_context.current())
            return analyze(source, size)

        make_worker(db, storage, note).process(ObjectRef(file.object_key), LEASE)
        assert contexts == [{"file_id": str(file.id)}]
        assert log_context.current() == {}
