"""The conformance suite of `ProcessingQueue`; test_replaced_objects.py has the rest of it."""

import time
from datetime import timedelta

from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import Failure
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import KeyState
from tests.database_ports import (
    ALREADY_OVER,
    AT_ONCE,
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    claim_file,
    event,
    finish_file,
    reload,
)
from tests.samples import ANALYZED_OBJECT, OWNER, analysis, checksum, new_file


class TestClaim:
    def test_claim_begins_an_attempt(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim = claim_file(db, file)
        assert (claim.status, claim.attempts) == (Status.PROCESSING, 1)
        assert claim.version > file.version

    def test_file_in_awaiting_upload_can_be_claimed(self, db: DatabasePorts) -> None:
        new = new_file()
        db.files.add(new, MINUTE)
        claim = db.queue.claim(ObjectRef(new.object_key), MINUTE)
        assert claim is not None
        assert claim.uploaded_at is not None

    def test_claimed_file_cannot_be_claimed_again(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim_file(db, file)
        assert db.queue.claim(ObjectRef(file.object_key), MINUTE) is None

    def test_expired_lease_can_be_claimed(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim_file(db, file, ALREADY_OVER)
        assert claim_file(db, file).attempts == 2

    def test_finished_file_cannot_be_claimed(self, db: DatabasePorts) -> None:
        done, failed = add_uploaded(db), add_uploaded(db)
        db.queue.finish(claim_file(db, done), analysis(), ANALYZED_OBJECT)
        db.queue.finish(claim_file(db, failed), Failure("c", "m"), ANALYZED_OBJECT)
        assert db.queue.claim(ObjectRef(done.object_key), MINUTE) is None
        assert db.queue.claim(ObjectRef(failed.object_key), MINUTE) is None

    def test_unknown_key_cannot_be_claimed(self, db: DatabasePorts) -> None:
        assert db.queue.claim(ObjectRef("uploads/unknown"), MINUTE) is None


class TestFinish:
    def test_finish_with_analysis_ends_in_processed(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert db.queue.finish(claim_file(db, file), analysis("image/png"), ANALYZED_OBJECT)
        done = reload(db, file)
        assert (done.status, done.detected_type) == (Status.PROCESSED, "image/png")
        assert (done.result, done.checksum) == ({"text": {"lines": 1}}, checksum(b"abc"))
        assert done.processed_at is not None
        assert done.failure is None

    def test_finish_with_failure_ends_in_failed(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert db.queue.finish(claim_file(db, file), Failure("unreadable", "It can't be read."), ANALYZED_OBJECT)
        failed = reload(db, file)
        assert (failed.status, failed.failure) == (Status.FAILED, Failure("unreadable", "It can't be read."))
        assert failed.processed_at is not None

    def test_worker_with_lost_lease_cannot_finish_or_release(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        slow = claim_file(db, file, ALREADY_OVER)
        quick = claim_file(db, file)
        assert not db.queue.finish(slow, Failure("late", "late"), ANALYZED_OBJECT)
        db.queue.release(slow)
        assert reload(db, file).status is Status.PROCESSING
        assert db.queue.finish(quick, analysis(), ANALYZED_OBJECT)
        assert not db.queue.finish(slow, Failure("late", "late"), ANALYZED_OBJECT)
        assert reload(db, file).status is Status.PROCESSED

    def test_claim_cannot_be_finished_twice(self, db: DatabasePorts) -> None:
        claim = claim_file(db, add_uploaded(db))
        assert db.queue.finish(claim, analysis(), ANALYZED_OBJECT)
        assert not db.queue.finish(claim, analysis(), ANALYZED_OBJECT)

    def test_deleted_file_cannot_be_finished(self, db: DatabasePorts) -> None:
        claim = claim_file(db, add_uploaded(db))
        db.files.delete_leaving_tombstone(OWNER, claim.id)
        assert not db.queue.finish(claim, analysis(), ANALYZED_OBJECT)

    def test_released_file_can_be_claimed_again(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.queue.release(claim_file(db, file))
        assert reload(db, file).status is Status.UPLOADED
        assert claim_file(db, file).attempts == 2


class TestAdopt:
    def test_object_with_unknown_key_is_adopted(self, db: DatabasePorts) -> None:
        new = new_file(key="uploads/from/elsewhere.txt")
        db.queue.adopt(new)
        adopted = db.files.get(OWNER, new.id)
        assert adopted is not None
        assert adopted.status is Status.UPLOADED
        assert adopted.uploaded_at is not None
        assert (adopted.name, adopted.size, adopted.checksum) == (new.name, new.size, new.checksum)

    def test_object_is_adopted_once(self, db: DatabasePorts) -> None:
        db.queue.adopt(new_file(key="uploads/x"))
        db.queue.adopt(new_file(key="uploads/x"))
        assert len(db.files.list(OWNER, ListQuery()).files) == 1

    def test_key_of_another_tool_can_be_adopted_again_after_deletion(self, db: DatabasePorts) -> None:
        for _ in range(2):
            new = new_file(key="uploads/again.txt")
            db.queue.adopt(new)
            assert db.queue.key_state("uploads/again.txt") is KeyState.FILE
            assert db.files.delete_leaving_tombstone(OWNER, new.id) == DeletedFile("uploads/again.txt")
            assert db.queue.key_state("uploads/again.txt") is KeyState.DELETED
            db.queue.adopt(new_file(key="uploads/again.txt"))
            assert db.files.list(OWNER, ListQuery()).files == []
            db.tombstones.clear("uploads/again.txt")
            assert db.queue.key_state("uploads/again.txt") is KeyState.UNKNOWN

    def test_object_of_deleted_file_is_not_adopted(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        db.queue.adopt(new_file(key=file.object_key))
        assert db.files.list(OWNER, ListQuery()).files == []

    def test_key_state_of_unknown_existing_and_deleted_file(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert db.queue.key_state("uploads/unknown") is KeyState.UNKNOWN
        assert db.queue.key_state(file.object_key) is KeyState.FILE
        db.files.delete_leaving_tombstone(OWNER, file.id)
        assert db.queue.key_state(file.object_key) is KeyState.DELETED
        db.tombstones.clear(file.object_key)
        assert db.queue.key_state(file.object_key) is KeyState.DELETED


class TestDeadLetters:
    def test_waiting_file_is_due_after_a_dead_letter(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        for _ in range(11):
            db.queue.release(claim_file(db, file))
        before = reload(db, file)
        assert list(db.queue.overdue(MINUTE / 2, 10)) == []
        assert db.queue.record_dead_letter(file.object_key, "RetriesExhausted")
        [due] = db.queue.overdue(MINUTE / 2, 10)
        assert due == before  # what a reader of the file sees is the same
        assert (due.id, due.status, due.attempts) == (file.id, Status.UPLOADED, 11)

    def test_file_without_bytes_is_uploaded_and_due_after_a_dead_letter(self, db: DatabasePorts) -> None:
        awaited, expired = new_file(), new_file()
        db.files.add(awaited, ALREADY_OVER)
        db.files.add(expired, ALREADY_OVER)
        [overdue] = [file for file in db.queue.overdue(AT_ONCE, 10) if file.id == expired.id]
        db.queue.expire(overdue)
        for new in (awaited, expired):
            assert db.queue.record_dead_letter(new.object_key, "EventAgeExceeded")
        due = db.queue.overdue(MINUTE / 2, 10)
        assert {file.id: file.status for file in due} == dict.fromkeys((awaited.id, expired.id), Status.UPLOADED)
        assert all(file.uploaded_at is not None for file in due)
        assert db.queue.oldest_wait() is not None

    def test_dead_letter_does_not_change_claimed_or_finished_files(self, db: DatabasePorts) -> None:
        processing, done = claim_file(db, add_uploaded(db)), add_uploaded(db)
        db.queue.finish(claim_file(db, done), analysis(), ANALYZED_OBJECT)
        processed = reload(db, done)
        for file in (processing, processed):
            assert db.queue.record_dead_letter(file.object_key, "RetriesExhausted")
            assert reload(db, file) == file
        assert db.queue.finish(processing, analysis(), ANALYZED_OBJECT)

    def test_dead_letter_of_unknown_key_returns_false(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert not db.queue.record_dead_letter("uploads/unknown", "RetriesExhausted")
        assert list(db.queue.overdue(MINUTE / 2, 10)) == []
        assert reload(db, file) == file

    def test_dead_letter_can_be_recorded_twice(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert db.queue.record_dead_letter(file.object_key, "RetriesExhausted")
        assert db.queue.record_dead_letter(file.object_key, "RetriesExhausted")
        assert claim_file(db, file).attempts == 1


class TestOverdue:
    def test_uploaded_file_is_overdue_after_the_grace_period(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert list(db.queue.overdue(MINUTE, 10)) == []
        assert list(db.queue.overdue(ALREADY_OVER, 10)) == [file]

    def test_expired_lease_is_overdue(self, db: DatabasePorts) -> None:
        claim_file(db, add_uploaded(db))
        abandoned = claim_file(db, add_uploaded(db), ALREADY_OVER)
        assert list(db.queue.overdue(MINUTE, 10)) == [abandoned]

    def test_expired_upload_is_overdue(self, db: DatabasePorts) -> None:
        waiting, expired = new_file(), new_file()
        db.files.add(waiting, MINUTE)
        db.files.add(expired, ALREADY_OVER)
        assert [file.id for file in db.queue.overdue(AT_ONCE, 10)] == [expired.id]

    def test_finished_file_is_never_overdue(self, db: DatabasePorts) -> None:
        db.queue.finish(claim_file(db, add_uploaded(db)), analysis(), ANALYZED_OBJECT)
        assert list(db.queue.overdue(ALREADY_OVER, 10)) == []

    def test_overdue_files_are_oldest_first_up_to_the_limit(self, db: DatabasePorts) -> None:
        files = [add_uploaded(db) for _ in range(3)]
        assert list(db.queue.overdue(ALREADY_OVER, 2)) == files[:2]

    def test_expire_ends_in_expired(self, db: DatabasePorts) -> None:
        db.files.add(new_file(), ALREADY_OVER)
        [overdue] = db.queue.overdue(AT_ONCE, 10)
        db.queue.expire(overdue)
        assert reload(db, overdue).status is Status.EXPIRED

    def test_expired_file_is_uploaded_when_its_bytes_arrive(self, db: DatabasePorts) -> None:
        first, second = new_file(), new_file()
        for new in (first, second):
            db.files.add(new, ALREADY_OVER)
        for overdue in db.queue.overdue(AT_ONCE, 10):
            db.queue.expire(overdue)
        assert db.queue.claim(ObjectRef(first.object_key), MINUTE) is not None
        late = db.files.mark_uploaded(OWNER, second.id, "etag")
        assert late is not None
        assert late.status is Status.UPLOADED

    def test_backoff_doubles_with_each_attempt(self, db: DatabasePorts) -> None:
        fresh, tried = add_uploaded(db), add_uploaded(db)
        for _ in range(10):
            db.queue.release(claim_file(db, tried))
        time.sleep(0.05)
        assert list(db.queue.overdue(timedelta(milliseconds=1), 10)) == [fresh]
        time.sleep(1.0)
        assert len(db.queue.overdue(timedelta(milliseconds=1), 10)) == 2

    def test_claimed_file_does_not_expire(self, db: DatabasePorts) -> None:
        db.files.add(new_file(), ALREADY_OVER)
        [overdue] = db.queue.overdue(AT_ONCE, 10)
        claim_file(db, overdue)
        db.queue.expire(overdue)
        assert reload(db, overdue).status is Status.PROCESSING

    def test_fail_exhausted_ends_in_failed_without_result(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.queue.finish(claim_file(db, file), analysis(), ANALYZED_OBJECT)
        db.files.requeue(OWNER, file.id)
        claim_file(db, file, ALREADY_OVER)
        [overdue] = db.queue.overdue(MINUTE, 10)
        db.queue.fail_exhausted(overdue, Failure("attempts_exhausted", "tried"))
        assert reload(db, overdue).failure == Failure("attempts_exhausted", "tried")
        assert reload(db, overdue).result is None
        assert reload(db, overdue).status is Status.FAILED

    def test_fail_exhausted_does_not_fail_a_changed_file(self, db: DatabasePorts) -> None:
        claim_file(db, add_uploaded(db), ALREADY_OVER)
        [overdue] = db.queue.overdue(MINUTE, 10)
        claim_file(db, overdue)
        db.queue.fail_exhausted(overdue, Failure("attempts_exhausted", "tried"))
        assert reload(db, overdue).status is Status.PROCESSING


class TestOldestWait:
    def test_oldest_wait_without_queued_files_is_none(self, db: DatabasePorts) -> None:
        add_processed(db)
        db.files.add(new_file(), MINUTE)
        assert db.queue.oldest_wait() is None

    def test_oldest_wait_is_since_the_file_was_queued(self, db: DatabasePorts) -> None:
        first = add_uploaded(db)
        wait = db.queue.oldest_wait()
        assert wait is not None
        assert timedelta(0) <= wait < MINUTE
        claim = claim_file(db, first)
        db.queue.release(claim)
        assert claim.queued_at == reload(db, first).queued_at == first.queued_at
        assert claim_file(db, first, ALREADY_OVER).queued_at == first.queued_at
        assert claim_file(db, first).queued_at == first.queued_at


class TestWorkerCrashes:
    def test_expired_lease_counts_as_worker_crash(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert claim_file(db, file, ALREADY_OVER).worker_crashes == 0
        assert claim_file(db, file, ALREADY_OVER).worker_crashes == 1
        again = claim_file(db, file)
        assert again.worker_crashes == 2
        db.queue.release(again)
        assert claim_file(db, file).worker_crashes == 2  # a transient error is none

    def test_worker_crashes_are_reset_by_requeue(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim_file(db, file, ALREADY_OVER)
        assert finish_file(db, file, analysis()).worker_crashes == 1
        db.files.requeue(OWNER, file.id)
        assert claim_file(db, file).worker_crashes == 0

    def test_worker_crashes_are_reset_by_another_object(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim_file(db, file, ALREADY_OVER)
        other = finish_file(db, file, analysis())
        assert other.worker_crashes == 1
        claim = db.queue.claim(event(other, "other", "6"), MINUTE)
        assert claim is not None
        assert claim.worker_crashes == 0
