"""Uploading, processing, adopting, deleting and sweeping, on fakes."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import BinaryIO

import pytest
import uuid_utils.compat as uuids

from chalicelib.core import deleting, downloading, sweeping, uploading
from chalicelib.core.errors import (
    DATABASE_UNAVAILABLE,
    DELETED_MEANWHILE,
    FILE_NOT_FOUND,
    GAVE_UP,
    NOT_UPLOADED,
    OBJECT_MISSING,
    STORAGE_UNAVAILABLE,
    UNREADABLE_IMAGE,
    BadContentError,
    ServiceError,
)
from chalicelib.core.files import Checksum, Description, Failure, File
from chalicelib.core.object_reader import BLOCK, open_object
from chalicelib.core.processing import Worker
from chalicelib.core.queries import ListQuery
from chalicelib.core.statuses import Status
from chalicelib.core.uploading import Upload
from tests.fakes import FakeRows, FakeStorage
from tests.samples import OWNER, checksum, new_file

LEASE = timedelta(minutes=1)
ALREADY_OVER = timedelta(seconds=-1)


def plenty() -> timedelta:
    return timedelta(minutes=5)


def describe(source: BinaryIO, size: int) -> Description:
    return Description(
        detected_type="text/plain", checksum=None, result={"read": len(source.read()), "size": size}
    )


@pytest.fixture
def rows() -> FakeRows:
    return FakeRows()


@pytest.fixture
def storage() -> FakeStorage:
    return FakeStorage()


@pytest.fixture
def worker(rows: FakeRows, storage: FakeStorage) -> Worker:
    return Worker(work=rows, storage=storage, describe=describe, adopter=OWNER)


def hand_in(rows: FakeRows, storage: FakeStorage, body: bytes = b"hello") -> File:
    return uploading.upload(Upload("a.txt", "text/plain", body), uuids.uuid7(), OWNER, files=rows, storage=storage)


def present(rows: FakeRows, file: File) -> File:
    found = rows.get(OWNER, file.id)
    assert found is not None
    return found


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
            def put(self, key: str, body: bytes, media_type: str, checksum: Checksum) -> None:
                super().put(key, body, media_type, checksum)
                for file_id in list(rows.rows):
                    rows.bury(OWNER, file_id)

        storage = DeletedDuringPut()
        with pytest.raises(ServiceError) as caught:
            hand_in(rows, storage)
        assert caught.value.kind is DELETED_MEANWHILE
        assert storage.objects == {}

    def test_the_event_may_be_quicker_than_the_second_statement(self, rows: FakeRows) -> None:
        class EventDuringPut(FakeStorage):
            def put(self, key: str, body: bytes, media_type: str, checksum: Checksum) -> None:
                super().put(key, body, media_type, checksum)
                Worker(work=rows, storage=self, describe=describe, adopter=OWNER).process(key, LEASE)

        assert hand_in(rows, EventDuringPut()).status is Status.PROCESSED


class TestProcessing:
    def test_a_file_is_described(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        worker.process(file.object_key, LEASE)
        done = present(rows, file)
        assert done.status is Status.PROCESSED
        assert done.result == {"read": 5, "size": 5}
        assert done.checksum == checksum(b"hello")

    def test_a_duplicate_event_does_nothing(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        worker.process(file.object_key, LEASE)
        requests, done = storage.requests, present(rows, file)
        worker.process(file.object_key, LEASE)
        assert (storage.requests, present(rows, file)) == (requests, done)

    def test_bad_content_fails_without_a_raise(self, rows: FakeRows, storage: FakeStorage) -> None:
        def refuse(_source: BinaryIO, _size: int) -> Description:
            raise BadContentError(UNREADABLE_IMAGE)

        file = hand_in(rows, storage)
        Worker(work=rows, storage=storage, describe=refuse, adopter=OWNER).process(file.object_key, LEASE)
        failed = present(rows, file)
        assert failed.status is Status.FAILED
        assert failed.failure == Failure(UNREADABLE_IMAGE.code, UNREADABLE_IMAGE.message)

    def test_an_object_that_is_gone_fails(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        storage.objects.clear()
        worker.process(file.object_key, LEASE)
        failure = present(rows, file).failure
        assert failure is not None
        assert failure.code == OBJECT_MISSING.code

    def test_a_transient_fault_gives_the_claim_back_and_raises(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        storage.down = True
        with pytest.raises(ServiceError):
            worker.process(file.object_key, LEASE)
        assert present(rows, file).status is Status.UPLOADED
        storage.down = False
        worker.process(file.object_key, LEASE)
        assert present(rows, file).attempts == 2

    def test_a_result_that_cannot_be_stored_gives_the_claim_back(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = hand_in(rows, storage)

        def broken(_claimed: File, _outcome: object) -> bool:
            raise ServiceError(DATABASE_UNAVAILABLE)

        with monkeypatch.context() as failing:
            failing.setattr(rows, "finish", broken)
            with pytest.raises(ServiceError):
                worker.process(file.object_key, LEASE)
        assert present(rows, file).status is Status.UPLOADED

    def test_a_worker_that_was_overtaken_stores_nothing(self, rows: FakeRows, storage: FakeStorage) -> None:
        file = hand_in(rows, storage)

        def overtaken(source: BinaryIO, size: int) -> Description:
            claim = rows.claim(file.object_key, LEASE)
            assert claim is not None
            rows.finish(claim, describe(io.BytesIO(b"the other's"), 11))
            return describe(source, size)

        Worker(work=rows, storage=storage, describe=overtaken, adopter=OWNER).process(
            file.object_key, ALREADY_OVER
        )
        assert present(rows, file).result == {"read": 11, "size": 11}

    def test_a_file_deleted_meanwhile_stays_deleted(self, rows: FakeRows, storage: FakeStorage) -> None:
        file = hand_in(rows, storage)

        def deleted(source: BinaryIO, size: int) -> Description:
            deleting.delete(OWNER, file.id, files=rows, tombstones=rows, storage=storage)
            return describe(source, size)

        Worker(work=rows, storage=storage, describe=deleted, adopter=OWNER).process(file.object_key, LEASE)
        assert rows.get(OWNER, file.id) is None
        assert storage.objects == {}

    def test_one_record_that_fails_does_not_keep_the_others_from_their_turn(
        self, rows: FakeRows, storage: FakeStorage
    ) -> None:
        files = [hand_in(rows, storage, body) for body in (b"one", b"bad", b"two")]

        def picky(source: BinaryIO, size: int) -> Description:
            if source.read() == b"bad":
                raise ServiceError(STORAGE_UNAVAILABLE)
            return describe(source, size)

        worker = Worker(work=rows, storage=storage, describe=picky, adopter=OWNER)
        with pytest.raises(ServiceError):
            worker.process_all([file.object_key for file in files], LEASE)
        assert [present(rows, file).status for file in files] == [
            Status.PROCESSED,
            Status.UPLOADED,
            Status.PROCESSED,
        ]


class TestAdopting:
    def test_an_object_without_a_row_is_processed(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        storage.objects["uploads/2026/über mich.txt"] = (b"abc", "text/plain")
        worker.process("uploads/2026/über mich.txt", LEASE)
        [file] = rows.list(OWNER, ListQuery())
        assert (file.name, file.size, file.status) == ("über mich.txt", 3, Status.PROCESSED)
        assert file.checksum == checksum(b"abc")

    def test_a_folder_marker_is_not_a_file(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        storage.objects["uploads/2026/"] = (b"", "")
        worker.process("uploads/2026/", LEASE)
        assert rows.list(OWNER, ListQuery()) == []

    def test_an_object_that_is_gone_again(self, rows: FakeRows, worker: Worker) -> None:
        worker.process("uploads/gone.txt", LEASE)
        assert rows.list(OWNER, ListQuery()) == []

    def test_bytes_that_arrive_after_their_file_was_deleted_are_deleted(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        deleting.delete(OWNER, file.id, files=rows, tombstones=rows, storage=storage)
        storage.objects[file.object_key] = (b"late", "text/plain")
        worker.process(file.object_key, LEASE)
        assert storage.objects == {}
        assert rows.list(OWNER, ListQuery()) == []


class TestDeleting:
    def test_row_and_object_go(self, rows: FakeRows, storage: FakeStorage) -> None:
        file = hand_in(rows, storage)
        deleting.delete(OWNER, file.id, files=rows, tombstones=rows, storage=storage)
        assert storage.objects == {}
        with pytest.raises(ServiceError) as caught:
            deleting.delete(OWNER, file.id, files=rows, tombstones=rows, storage=storage)
        assert caught.value.kind is FILE_NOT_FOUND

    def test_when_the_storage_fails_the_call_can_be_repeated(self, rows: FakeRows, storage: FakeStorage) -> None:
        file = hand_in(rows, storage)
        storage.down = True
        with pytest.raises(ServiceError) as caught:
            deleting.delete(OWNER, file.id, files=rows, tombstones=rows, storage=storage)
        assert caught.value.kind is STORAGE_UNAVAILABLE
        storage.down = False
        deleting.delete(OWNER, file.id, files=rows, tombstones=rows, storage=storage)
        assert storage.objects == {}


class TestDownloading:
    @pytest.mark.parametrize(
        ("detected", "disposition"),
        [
            ("image/png", "inline"),
            ("text/html", "attachment"),
            ("image/svg+xml", "attachment"),
            (None, "attachment"),
        ],
    )
    def test_only_harmless_types_are_shown_in_place(
        self, rows: FakeRows, storage: FakeStorage, detected: str | None, disposition: str
    ) -> None:
        file = hand_in(rows, storage)
        if detected:
            claim = rows.claim(file.object_key, LEASE)
            assert claim is not None
            rows.finish(claim, Description(detected_type=detected, checksum=None, result={}))
        url = downloading.download_url(present(rows, file), storage)
        assert f"{detected or 'application/octet-stream'}&{disposition};" in url

    @pytest.mark.parametrize(("encoding", "charset"), [("cp1251", "cp1251"), ("utf-8-sig", "utf-8")])
    def test_a_texts_encoding_is_named(
        self, rows: FakeRows, storage: FakeStorage, encoding: str, charset: str
    ) -> None:
        file = hand_in(rows, storage)
        claim = rows.claim(file.object_key, LEASE)
        assert claim is not None
        result = {"text": {"encoding": encoding}}
        rows.finish(claim, Description(detected_type="text/plain", checksum=None, result=result))
        assert f"?text/plain; charset={charset}&inline;" in downloading.download_url(present(rows, file), storage)

    def test_the_header_holds_any_name(self) -> None:
        header = downloading.content_disposition("attachment", 'é "x"\\%.txt')
        assert header == "attachment; filename=\"_ _x___.txt\"; filename*=UTF-8''%C3%A9%20%22x%22%5C%25.txt"
        assert header.isascii()

    def test_bytes_that_never_came(self, rows: FakeRows, storage: FakeStorage) -> None:
        new = new_file()
        rows.add(new, LEASE)
        file = rows.get(OWNER, new.id)
        assert file is not None
        with pytest.raises(ServiceError) as caught:
            downloading.download_url(file, storage)
        assert caught.value.kind is NOT_UPLOADED


class TestSweeping:
    def sweep(self, rows: FakeRows, worker: Worker, remaining: Callable[[], timedelta] = plenty) -> None:
        sweeping.sweep(worker, rows, remaining, waiting=ALREADY_OVER)

    def test_an_event_that_never_came(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        self.sweep(rows, worker)
        assert present(rows, file).status is Status.PROCESSED

    def test_a_worker_that_died(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        rows.claim(file.object_key, ALREADY_OVER)
        self.sweep(rows, worker)
        assert (present(rows, file).status, present(rows, file).attempts) == (Status.PROCESSED, 2)

    def test_bytes_that_never_came(self, rows: FakeRows, worker: Worker) -> None:
        new = new_file()
        rows.add(new, ALREADY_OVER)
        self.sweep(rows, worker)
        file = rows.get(OWNER, new.id)
        assert file is not None
        assert file.status is Status.EXPIRED

    def test_bytes_that_came_although_the_request_failed(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        new = new_file()
        rows.add(new, ALREADY_OVER)
        storage.objects[new.object_key] = (b"abc", "text/plain")
        self.sweep(rows, worker)
        file = rows.get(OWNER, new.id)
        assert file is not None
        assert file.status is Status.PROCESSED

    def test_after_the_last_attempt_it_gives_up(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        for _ in range(sweeping.MAX_ATTEMPTS):
            rows.claim(file.object_key, ALREADY_OVER)
        self.sweep(rows, worker)
        failed = present(rows, file)
        assert failed.status is Status.FAILED
        assert failed.failure is not None
        assert failed.failure.code == GAVE_UP.code

    def test_one_that_fails_does_not_keep_the_others_from_their_turn(
        self, rows: FakeRows, storage: FakeStorage
    ) -> None:
        bad, good = hand_in(rows, storage), hand_in(rows, storage)

        class OneIsBroken(FakeStorage):
            def read(self, key: str, start: int, length: int) -> bytes:
                if key == bad.object_key:
                    raise ServiceError(STORAGE_UNAVAILABLE)
                return super().read(key, start, length)

        self.sweep(rows, Worker(rows, OneIsBroken(storage.objects), describe, OWNER))
        assert present(rows, bad).status is Status.UPLOADED
        assert present(rows, good).status is Status.PROCESSED

    def test_objects_of_deleted_files(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        file = hand_in(rows, storage)
        rows.bury(OWNER, file.id)
        self.sweep(rows, worker)
        assert storage.objects == {}
        assert list(rows.uncleared(ALREADY_OVER, 1)) == []

    def test_an_outage_of_the_storage_is_no_reason_to_give_up(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        storage.down = True
        for _ in range(60):
            sweeping.sweep(worker, rows, plenty, waiting=timedelta(milliseconds=1))
        storage.down = False
        assert present(rows, file).status is Status.UPLOADED
        assert present(rows, file).attempts < sweeping.MAX_ATTEMPTS
        worker.process(file.object_key, LEASE)
        assert present(rows, file).status is Status.PROCESSED

    def test_it_takes_batch_after_batch(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sweeping, "BATCH", 2)
        files = [hand_in(rows, storage) for _ in range(5)]
        self.sweep(rows, worker)
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

        self.sweep(rows, Worker(rows, OneIsStuck(storage.objects), describe, OWNER))
        assert list(rows.uncleared(ALREADY_OVER, 9)) == [stuck.object_key]

    def test_it_stops_when_its_time_is_nearly_over(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        self.sweep(rows, worker, remaining=lambda: timedelta(seconds=1))
        assert present(rows, file).status is Status.UPLOADED


class TestReading:
    def test_a_small_object_is_one_request_and_an_empty_one_none(self, storage: FakeStorage) -> None:
        storage.objects = {"small": (b"x" * BLOCK, ""), "empty": (b"", "")}
        assert open_object(storage, "small", BLOCK).read() == b"x" * BLOCK
        assert storage.requests == 1
        assert open_object(storage, "empty", 0).read() == b""
        assert storage.requests == 1

    def test_it_seeks_like_a_file(self, storage: FakeStorage) -> None:
        content = bytes(range(256)) * 4096
        storage.objects = {"k": (content, "")}
        with open_object(storage, "k", len(content)) as source:
            source.seek(-10, io.SEEK_END)
            assert source.read() == content[-10:]
            source.seek(5)
            assert source.read(3) == content[5:8]
            assert source.tell() == 8
            source.seek(2, io.SEEK_CUR)
            assert source.read(1) == content[10:11]
        assert storage.requests == 2

    def test_it_refuses_to_seek_before_the_beginning(self, storage: FakeStorage) -> None:
        with open_object(storage, "k", 5) as source, pytest.raises(ValueError, match="negative"):
            source.seek(-1)
