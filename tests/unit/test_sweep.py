"""The sweep: lost events, retries, expired leases, deleted files."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import BinaryIO

import pytest
from msgspec.structs import replace

from chalicelib.core.administration.model import SweepEnd
from chalicelib.core.errors import (
    ATTEMPTS_EXHAUSTED,
    OBJECT_MISSING,
    STORAGE_UNAVAILABLE,
    ServiceError,
)
from chalicelib.core.files.model import Analysis, File
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.core.files.ports import DeletedFile, NewName
from chalicelib.core.files.statuses import Status
from chalicelib.core.metrics import Metric
from chalicelib.core.processing.analysis import MAX_ATTEMPTS
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.processing.result_size import MAX_RESULT_BYTES
from chalicelib.core.storage import ObjectPage, ObjectRange
from chalicelib.core.sweep.outcomes import SweepOutcome
from tests.database_ports import ALREADY_OVER, FakePorts, reload
from tests.fakes.metrics import FakeMetrics
from tests.fakes.processing_queue import FakeProcessingQueue
from tests.fakes.storage import FakeStorage
from tests.samples import OWNER, new_file
from tests.unit.use_cases import LEASE, analyze, make_worker, run_sweep, upload


class TestSweep:
    def test_file_whose_event_was_lost_is_processed(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        file = upload(db, storage)
        run_sweep(db, worker)
        assert reload(db, file).status is Status.PROCESSED

    def test_file_with_expired_lease_is_processed(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        file = upload(db, storage)
        db.queue.claim(ObjectRef(file.object_key), ALREADY_OVER)
        run_sweep(db, worker)
        assert (reload(db, file).status, reload(db, file).attempts) == (Status.PROCESSED, 2)

    def test_abandoned_upload_expires(self, db: FakePorts, worker: Worker) -> None:
        new = new_file()
        db.files.add(new, ALREADY_OVER)
        run_sweep(db, worker)
        file = db.files.get(OWNER, new.id)
        assert file is not None
        assert file.status is Status.EXPIRED

    def test_upload_stored_by_a_failed_request_is_processed(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        new = new_file()
        db.files.add(new, ALREADY_OVER)
        storage.objects[new.object_key] = (b"abc", "text/plain")
        run_sweep(db, worker)
        file = db.files.get(OWNER, new.id)
        assert file is not None
        assert file.status is Status.PROCESSED

    def test_file_fails_after_its_last_attempt(self, db: FakePorts, storage: FakeStorage, worker: Worker) -> None:
        file = upload(db, storage)
        for _ in range(MAX_ATTEMPTS):
            db.queue.claim(ObjectRef(file.object_key), ALREADY_OVER)
        run_sweep(db, worker)
        failed = reload(db, file)
        assert failed.status is Status.FAILED
        assert failed.failure is not None
        assert failed.failure.code == ATTEMPTS_EXHAUSTED.code

    def test_failing_action_does_not_block_the_others(self, db: FakePorts, storage: FakeStorage) -> None:
        bad, good = upload(db, storage), upload(db, storage)

        class OneIsBroken(FakeStorage):
            def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
                if key == bad.object_key:
                    raise ServiceError(STORAGE_UNAVAILABLE)
                return super().read(key, start, length, etag)

        run_sweep(db, make_worker(db, OneIsBroken(storage.objects)))
        assert reload(db, bad).status is Status.UPLOADED
        assert reload(db, good).status is Status.PROCESSED

    def test_objects_of_deleted_files_are_deleted(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        file = upload(db, storage)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        run_sweep(db, worker)
        assert storage.objects == {}
        assert list(db.tombstones.pending(ALREADY_OVER, 1)) == []

    def test_storage_outage_does_not_fail_files(self, db: FakePorts, storage: FakeStorage, worker: Worker) -> None:
        file = upload(db, storage)
        storage.down = True
        for _ in range(60):
            with suppress(ServiceError):
                run_sweep(db, worker, grace_period=timedelta(milliseconds=1))
        storage.down = False
        assert reload(db, file).status is Status.UPLOADED
        assert reload(db, file).attempts < MAX_ATTEMPTS
        worker.process(ObjectRef(file.object_key), LEASE)
        assert reload(db, file).status is Status.PROCESSED

    def test_sweep_takes_all_batches(
        self, db: FakePorts, storage: FakeStorage, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chalicelib.core.sweep.sweep.BATCH", 2)
        files = [upload(db, storage) for _ in range(5)]
        run_sweep(db, worker)
        assert {reload(db, file).status for file in files} == {Status.PROCESSED}

    def test_object_that_cannot_be_deleted_does_not_block_the_others(
        self, db: FakePorts, storage: FakeStorage
    ) -> None:
        stuck, other = upload(db, storage), upload(db, storage)
        for file in (stuck, other):
            db.files.delete_leaving_tombstone(OWNER, file.id)

        class OneIsStuck(FakeStorage):
            def delete(self, key: str) -> None:
                if key == stuck.object_key:
                    raise ServiceError(STORAGE_UNAVAILABLE)
                super().delete(key)

        run_sweep(db, make_worker(db, OneIsStuck(storage.objects)))
        assert list(db.tombstones.pending(ALREADY_OVER, 9)) == [DeletedFile(stuck.object_key)]

    @pytest.mark.parametrize(("seconds", "begun"), [(1, 41), (39, 2), (55, 1), (80, 1)])
    def test_sweep_begins_no_file_without_enough_time_left(
        self, db: FakePorts, storage: FakeStorage, seconds: int, begun: int
    ) -> None:
        """The last one of two minutes has 80 s, and the others wait for the next sweep."""
        left = timedelta(seconds=120)

        def slow(source: BinaryIO, size: int, *claims: object) -> Analysis:
            nonlocal left
            left -= timedelta(seconds=seconds)
            return analyze(source, size, *claims)

        files = [upload(db, storage) for _ in range(50)]
        run_sweep(db, make_worker(db, storage, slow), remaining=lambda: left)
        statuses = Counter(reload(db, file).status for file in files)
        assert statuses == {Status.PROCESSED: begun, Status.UPLOADED: 50 - begun}
        assert left >= timedelta(0)
        recorded = db.sweep_records.last()
        assert recorded is not None
        assert recorded.sweep.end is SweepEnd.OUT_OF_TIME
        assert recorded.sweep.outcomes == {"event_lost": begun}


class TestReport:
    def test_outcomes_are_returned_and_counted(
        self, db: FakePorts, storage: FakeStorage, metrics: FakeMetrics, worker: Worker
    ) -> None:
        lost, died, again, tired = (upload(db, storage) for _ in range(4))
        worker.process(ObjectRef(again.object_key), LEASE)
        db.files.requeue(OWNER, again.id)
        db.queue.claim(ObjectRef(died.object_key), ALREADY_OVER)
        for _ in range(MAX_ATTEMPTS):
            db.queue.claim(ObjectRef(tired.object_key), ALREADY_OVER)
        db.files.add(new_file(), ALREADY_OVER)
        deleted = upload(db, storage)
        db.files.delete_leaving_tombstone(OWNER, deleted.id)
        storage.objects["uploads/unknown"] = (b"abc", "text/plain")
        findings = run_sweep(db, worker)
        assert findings == {
            SweepOutcome.EVENT_LOST: 1,
            SweepOutcome.LEASE_EXPIRED: 1,
            SweepOutcome.REPROCESS_REQUESTED: 1,
            SweepOutcome.ATTEMPTS_EXHAUSTED: 1,
            SweepOutcome.UPLOAD_ABANDONED: 1,
            SweepOutcome.ORPHANED_OBJECT: 1,
            SweepOutcome.MISSED_EVENT: 1,
        }
        assert {finding: metrics.total(Metric.SWEEP_ACTIONS, outcome=finding) for finding in findings} == findings
        assert metrics.total(Metric.FAILED, code=ATTEMPTS_EXHAUSTED.code) == 1
        [age] = metrics.values(Metric.QUEUE_AGE)
        assert 0 < age < 60
        assert reload(db, lost).status is Status.PROCESSED

    def test_a_missing_mismatch_is_computed_and_stored(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        names = {"a.txt": False, "a.png": True}
        stale = {}
        for name in names:
            file = upload(db, storage)
            worker.process(ObjectRef(file.object_key), LEASE)
            stale[name] = db.files.update(OWNER, file.id, name=NewName(name, mismatch=False, version=0))
        run_sweep(db, worker)
        for name, renamed in stale.items():
            assert renamed is not None
            assert reload(db, renamed) == replace(renamed, mismatch=names[name])

    def test_missing_mismatches_are_stored_in_batches_that_fit_into_memory(
        self, db: FakePorts, storage: FakeStorage, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A row takes some eight times the size of its result."""
        for _ in range(150):
            file = upload(db, storage)
            worker.process(ObjectRef(file.object_key), LEASE)
            db.files.update(OWNER, file.id, name=NewName("a.png", mismatch=False, version=0))
        sizes: list[int] = []
        next_batch = db.computed_columns.next_batch

        def read(limit: int) -> Sequence[File]:
            batch = next_batch(limit)
            sizes.append(len(batch))
            return batch

        monkeypatch.setattr(db.computed_columns, "next_batch", read)
        run_sweep(db, worker)
        assert sum(sizes) == 150
        assert max(sizes) * 8 * MAX_RESULT_BYTES < 128 * 1024 * 1024

    def test_outcomes_are_logged_in_one_line(
        self, db: FakePorts, storage: FakeStorage, worker: Worker, caplog: pytest.LogCaptureFixture
    ) -> None:
        upload(db, storage)
        with caplog.at_level("INFO"):
            run_sweep(db, worker)
        [line] = [record for record in caplog.records if record.message == "sweep finished"]
        assert line.__dict__["outcomes"] == {"event_lost": 1}

    def test_queue_age_is_emitted(
        self, db: FakePorts, storage: FakeStorage, metrics: FakeMetrics, worker: Worker
    ) -> None:
        upload(db, storage)
        run_sweep(db, worker, grace_period=timedelta(hours=1))
        [age] = metrics.values(Metric.QUEUE_AGE)
        assert 0 < age < 60

    def test_storage_failure_is_raised_after_the_overdue_files(
        self, db: FakePorts, storage: FakeStorage, metrics: FakeMetrics, worker: Worker
    ) -> None:
        upload(db, storage)
        storage.down = True
        with pytest.raises(ServiceError):
            run_sweep(db, worker)
        [age] = metrics.values(Metric.QUEUE_AGE)  # in an outage of all times it must not be missing
        assert age > 0


class TestReconciliation:
    def test_each_sweep_scans_one_page(self, db: FakePorts, storage: FakeStorage, worker: Worker) -> None:
        storage.page = 2
        for number in range(5):
            storage.objects[f"uploads/{number}"] = (b"x", "")
        taken_in = [
            run_sweep(db, worker, grace_period=timedelta(hours=1))[SweepOutcome.MISSED_EVENT] for _ in range(4)
        ]
        assert taken_in == [2, 2, 1, 0]
        storage.objects["uploads/1a"] = (b"x", "")
        assert run_sweep(db, worker)[SweepOutcome.MISSED_EVENT] == 1

    def test_unfinished_page_is_scanned_again(self, db: FakePorts, storage: FakeStorage, worker: Worker) -> None:
        storage.page = 3
        for number in range(5):
            storage.objects[f"uploads/{number}"] = (b"x", "")
        time_left = iter([timedelta(minutes=1)] * 4)
        run_sweep(db, worker, remaining=lambda: next(time_left, timedelta(0)))
        assert db.bucket_scan.cursor(UPLOADS_PREFIX) == ""
        assert run_sweep(db, worker)[SweepOutcome.MISSED_EVENT] == 1
        assert db.bucket_scan.cursor(UPLOADS_PREFIX) == "uploads/2"

    def test_object_put_after_the_listing_is_not_missing(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        file = upload(db, storage)
        worker.process(ObjectRef(file.object_key), LEASE)

        class ListsNothing(FakeStorage):
            def list(self, prefix: str, after: str) -> ObjectPage:
                return replace(super().list(prefix, after), objects=[])

        blind = make_worker(db, ListsNothing(storage.objects))
        assert run_sweep(db, blind) == {}
        assert reload(db, file).status is Status.PROCESSED

    def test_missing_object_fails_its_file(self, db: FakePorts, storage: FakeStorage, worker: Worker) -> None:
        file = upload(db, storage)
        worker.process(ObjectRef(file.object_key), LEASE)
        storage.objects.clear()
        assert run_sweep(db, worker) == {SweepOutcome.OBJECT_MISSING: 1}
        failure = reload(db, file).failure
        assert failure is not None
        assert failure.code == OBJECT_MISSING.code
        assert run_sweep(db, worker) == {}

    def test_folder_marker_of_the_console_is_ignored(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        storage.objects["uploads/2026/"] = (b"", "")
        assert run_sweep(db, worker) == {}

    def test_key_with_nul_does_not_block_the_others(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        storage.page = 2
        for key in ("uploads/a", "uploads/b\0", "uploads/c"):
            storage.objects[key] = (b"x", "")
        assert run_sweep(db, worker) + run_sweep(db, worker) == {SweepOutcome.MISSED_EVENT: 2}

    def test_action_of_another_sweep_is_not_counted(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        """It takes the file between this one's look and its claim."""
        file = upload(db, storage)

        class OvertakenQueue(FakeProcessingQueue):
            def overdue(self, grace_period: timedelta, limit: int) -> Sequence[File]:
                overdue = super().overdue(grace_period, limit)
                worker.process(ObjectRef(file.object_key), LEASE)
                return overdue

        overtaken = dataclasses.replace(db, queue=OvertakenQueue(db.table))
        assert run_sweep(overtaken, make_worker(overtaken, storage)) == {}
        assert reload(db, file).attempts == 1
