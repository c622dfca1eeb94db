"""What events alone can't promise."""

from contextlib import suppress
from datetime import timedelta

import pytest

from chalicelib.core import sweeping
from chalicelib.core.errors import (
    GAVE_UP,
    STORAGE_UNAVAILABLE,
    ServiceError,
)
from chalicelib.core.ports import Piece
from chalicelib.core.processing import Worker
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status
from tests.fakes import FakeRows, FakeStorage
from tests.samples import OWNER, new_file
from tests.unit.on_fakes import ALREADY_OVER, LEASE, describe, hand_in, present, sweep


class TestSweeping:
    def test_an_event_that_never_came(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        sweep(rows, worker)
        assert present(rows, file).status is Status.PROCESSED

    def test_a_worker_that_died(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        rows.claim(CreatedObject(file.object_key), ALREADY_OVER)
        sweep(rows, worker)
        assert (present(rows, file).status, present(rows, file).attempts) == (Status.PROCESSED, 2)

    def test_bytes_that_never_came(self, rows: FakeRows, worker: Worker) -> None:
        new = new_file()
        rows.add(new, ALREADY_OVER)
        sweep(rows, worker)
        file = rows.get(OWNER, new.id)
        assert file is not None
        assert file.status is Status.EXPIRED

    def test_bytes_that_came_although_the_request_failed(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        new = new_file()
        rows.add(new, ALREADY_OVER)
        storage.objects[new.object_key] = (b"abc", "text/plain")
        sweep(rows, worker)
        file = rows.get(OWNER, new.id)
        assert file is not None
        assert file.status is Status.PROCESSED

    def test_after_the_last_attempt_it_gives_up(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        for _ in range(sweeping.MAX_ATTEMPTS):
            rows.claim(CreatedObject(file.object_key), ALREADY_OVER)
        sweep(rows, worker)
        failed = present(rows, file)
        assert failed.status is Status.FAILED
        assert failed.failure is not None
        assert failed.failure.code == GAVE_UP.code

    def test_one_that_fails_does_not_keep_the_others_from_their_turn(
        self, rows: FakeRows, storage: FakeStorage
    ) -> None:
        bad, good = hand_in(rows, storage), hand_in(rows, storage)

        class OneIsBroken(FakeStorage):
            def read(self, key: str, start: int, length: int, etag: str | None = None) -> Piece:
                if key == bad.object_key:
                    raise ServiceError(STORAGE_UNAVAILABLE)
                return super().read(key, start, length, etag)

        sweep(rows, Worker(rows, OneIsBroken(storage.objects), describe, OWNER))
        assert present(rows, bad).status is Status.UPLOADED
        assert present(rows, good).status is Status.PROCESSED

    def test_objects_of_deleted_files(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        rows.bury(OWNER, file.id)
        sweep(rows, worker)
        assert storage.objects == {}
        assert list(rows.uncleared(ALREADY_OVER, 1)) == []

    def test_an_outage_of_the_storage_is_no_reason_to_give_up(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        storage.down = True
        for _ in range(60):
            with suppress(ServiceError):
                sweep(rows, worker, waiting=timedelta(milliseconds=1))
        storage.down = False
        assert present(rows, file).status is Status.UPLOADED
        assert present(rows, file).attempts < sweeping.MAX_ATTEMPTS
        worker.process(CreatedObject(file.object_key), LEASE)
        assert present(rows, file).status is Status.PROCESSED

    def test_it_takes_batch_after_batch(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeping, "BATCH", 2)
        files = [hand_in(rows, storage) for _ in range(5)]
        sweep(rows, worker)
        assert {present(rows, file).status for file in files} == {Status.PROCESSED}

    def test_an_object_that_cannot_be_deleted_does_not_keep_the_others(
        self, rows: FakeRows, storage: FakeStorage
    ) -> None:
        stuck, other = hand_in(rows, storage), hand_in(rows, storage)
        for file in (stuck, other):
            rows.bury(OWNER, file.id)

        class OneIsStuck(FakeStorage):
            def delete(self, key: str) -> None:
                if key == stuck.object_key:
                    raise ServiceError(STORAGE_UNAVAILABLE)
                super().delete(key)

        sweep(rows, Worker(rows, OneIsStuck(storage.objects), describe, OWNER))
        assert list(rows.uncleared(ALREADY_OVER, 9)) == [stuck.object_key]

    def test_it_stops_when_its_time_is_nearly_over(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        sweep(rows, worker, remaining=lambda: timedelta(seconds=1))
        assert present(rows, file).status is Status.UPLOADED
