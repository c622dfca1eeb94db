"""What `Files`, `Work` and `Tombstones` promise."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
import uuid_utils.compat as uuids

from chalicelib.core.files.file_list import ListQuery, Order, Position
from chalicelib.core.files.model import Failure, File
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import KeyState
from tests.contracts.on_rows import ALREADY_OVER, AT_ONCE, MINUTE, Rows, claimed, present, uploaded
from tests.samples import CONTENT, OWNER, SOMEBODY_ELSE, checksum, description, new_file


class TestFiles:
    def test_a_new_file_awaits_its_bytes(self, rows: Rows) -> None:
        new = new_file()
        rows.add(new, MINUTE)
        file = rows.get(OWNER, new.id)
        assert file is not None
        assert file.status is Status.AWAITING_UPLOAD
        assert (file.id, file.owner, file.name, file.object_key, file.size, file.declared_type, file.checksum) == (
            new.id,
            new.owner,
            new.name,
            new.object_key,
            new.size,
            new.declared_type,
            new.checksum,
        )
        assert (file.attempts, file.uploaded_at, file.processed_at, file.result, file.failure) == (0,) + (
            None,
        ) * 4

    def test_marking_uploaded(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert file.status is Status.UPLOADED
        assert file.uploaded_at is not None
        assert file == present(rows, file)

    def test_marking_uploaded_what_an_event_has_taken_already_changes_nothing(self, rows: Rows) -> None:
        new = new_file()
        rows.add(new, MINUTE)
        claim = rows.claim(ObjectRef(new.object_key), MINUTE)
        assert claim is not None
        assert rows.mark_uploaded(OWNER, new.id, "etag") == replace(claim, etag="etag")

    def test_marking_uploaded_a_deleted_file(self, rows: Rows) -> None:
        new = new_file()
        rows.add(new, MINUTE)
        rows.delete_leaving_tombstone(OWNER, new.id)
        assert rows.mark_uploaded(OWNER, new.id, "etag") is None

    def test_renaming(self, rows: Rows) -> None:
        file = uploaded(rows)
        renamed = rows.rename(OWNER, file.id, "b 😀.txt")
        assert renamed is not None
        assert (renamed.name, renamed.object_key) == ("b 😀.txt", file.object_key)
        assert renamed.version > file.version

    def test_unknown_files(self, rows: Rows) -> None:
        unknown = uuids.uuid7()
        assert rows.get(OWNER, unknown) is None
        assert rows.mark_uploaded(OWNER, unknown, "etag") is None
        assert rows.rename(OWNER, unknown, "b") is None
        assert list(rows.delete_leaving_tombstone(OWNER, unknown)) == []

    def test_somebody_elses_file_is_unknown(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert rows.get(SOMEBODY_ELSE, file.id) is None
        assert rows.mark_uploaded(SOMEBODY_ELSE, file.id, "etag") is None
        assert rows.rename(SOMEBODY_ELSE, file.id, "mine") is None
        assert list(rows.delete_leaving_tombstone(SOMEBODY_ELSE, file.id)) == []
        assert rows.list(SOMEBODY_ELSE, ListQuery()) == []
        rows.delete_leaving_tombstone(OWNER, file.id)
        assert list(rows.delete_leaving_tombstone(SOMEBODY_ELSE, file.id)) == []


class TestList:
    def test_newest_first(self, rows: Rows) -> None:
        files = [uploaded(rows, f"{n}") for n in range(3)]
        assert rows.list(OWNER, ListQuery()) == files[::-1]

    @pytest.mark.parametrize("order", list(Order))
    def test_pages_in_any_order_hold_each_file_once(self, rows: Rows, order: Order) -> None:
        for name, size in [("b", 1), ("a", 2), ("b", 2), ("É", 0), ("a", 2), ("Z", 2**40)]:
            uploaded(rows, name, size=size)
        whole = rows.list(OWNER, ListQuery(order=order))
        assert len(whole) == 6
        keys = [(getattr(file, order.key), file.id) for file in whole]
        assert keys == sorted(keys, reverse=order.descending)
        paged: list[File] = []
        after = None
        while page := rows.list(OWNER, ListQuery(order=order, limit=2, after=after)):
            paged += page
            last = page[-1]
            after = Position(order, None if order.key == "id" else getattr(last, order.key), last.id)
        assert paged == whole

    def test_by_status(self, rows: Rows) -> None:
        uploaded(rows)
        processing = claimed(rows, uploaded(rows))
        assert rows.list(OWNER, ListQuery(status=Status.PROCESSING)) == [processing]

    @pytest.mark.parametrize(
        ("part", "found"), [("PORT", True), ("100%", True), ("_", False), ("%", True), ("\\", False)]
    )
    def test_by_a_part_of_the_name(self, rows: Rows, part: str, found: bool) -> None:
        file = uploaded(rows, "report 100%.txt")
        assert rows.list(OWNER, ListQuery(name_contains=part)) == ([file] if found else [])

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [("image/png", True), ("image/*", True), ("image/p", False), ("text/*", False), ("%/*", False)],
    )
    def test_by_type(self, rows: Rows, wanted: str, found: bool) -> None:
        file = uploaded(rows)
        rows.finish(claimed(rows, file), description("image/png"), CONTENT)
        assert len(rows.list(OWNER, ListQuery(type=wanted))) == found


class TestClaiming:
    def test_a_claim_begins_an_attempt(self, rows: Rows) -> None:
        file = uploaded(rows)
        claim = claimed(rows, file)
        assert (claim.status, claim.attempts) == (Status.PROCESSING, 1)
        assert claim.version > file.version

    def test_a_file_that_awaits_its_bytes_can_be_claimed(self, rows: Rows) -> None:
        new = new_file()
        rows.add(new, MINUTE)
        claim = rows.claim(ObjectRef(new.object_key), MINUTE)
        assert claim is not None
        assert claim.uploaded_at is not None

    def test_a_second_claim_finds_nothing(self, rows: Rows) -> None:
        file = uploaded(rows)
        claimed(rows, file)
        assert rows.claim(ObjectRef(file.object_key), MINUTE) is None

    def test_a_lease_that_ran_out_can_be_taken_over(self, rows: Rows) -> None:
        file = uploaded(rows)
        claimed(rows, file, ALREADY_OVER)
        assert claimed(rows, file).attempts == 2

    def test_what_is_done_cannot_be_claimed(self, rows: Rows) -> None:
        done, failed = uploaded(rows), uploaded(rows)
        rows.finish(claimed(rows, done), description(), CONTENT)
        rows.finish(claimed(rows, failed), Failure("c", "m"), CONTENT)
        assert rows.claim(ObjectRef(done.object_key), MINUTE) is None
        assert rows.claim(ObjectRef(failed.object_key), MINUTE) is None

    def test_an_unknown_key(self, rows: Rows) -> None:
        assert rows.claim(ObjectRef("uploads/unknown"), MINUTE) is None


class TestFinishing:
    def test_a_description(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert rows.finish(claimed(rows, file), description("image/png"), CONTENT)
        done = present(rows, file)
        assert (done.status, done.detected_type) == (Status.PROCESSED, "image/png")
        assert (done.result, done.checksum) == ({"text": {"lines": 1}}, checksum(b"abc"))
        assert done.processed_at is not None
        assert done.failure is None

    def test_a_failure(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert rows.finish(claimed(rows, file), Failure("unreadable", "It can't be read."), CONTENT)
        failed = present(rows, file)
        assert (failed.status, failed.failure) == (Status.FAILED, Failure("unreadable", "It can't be read."))
        assert failed.processed_at is not None

    def test_the_fence_keeps_a_worker_out_that_was_overtaken(self, rows: Rows) -> None:
        file = uploaded(rows)
        slow = claimed(rows, file, ALREADY_OVER)
        quick = claimed(rows, file)
        assert not rows.finish(slow, Failure("late", "late"), CONTENT)
        rows.release(slow)
        assert present(rows, file).status is Status.PROCESSING
        assert rows.finish(quick, description(), CONTENT)
        assert not rows.finish(slow, Failure("late", "late"), CONTENT)
        assert present(rows, file).status is Status.PROCESSED

    def test_nothing_is_finished_twice(self, rows: Rows) -> None:
        claim = claimed(rows, uploaded(rows))
        assert rows.finish(claim, description(), CONTENT)
        assert not rows.finish(claim, description(), CONTENT)

    def test_a_deleted_file_takes_no_result(self, rows: Rows) -> None:
        claim = claimed(rows, uploaded(rows))
        rows.delete_leaving_tombstone(OWNER, claim.id)
        assert not rows.finish(claim, description(), CONTENT)

    def test_a_released_file_can_be_claimed_again(self, rows: Rows) -> None:
        file = uploaded(rows)
        rows.release(claimed(rows, file))
        assert present(rows, file).status is Status.UPLOADED
        assert claimed(rows, file).attempts == 2


class TestDeleting:
    def test_the_key_comes_back_until_the_tombstone_is_cleared(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert list(rows.delete_leaving_tombstone(OWNER, file.id)) == [file.object_key]
        assert rows.get(OWNER, file.id) is None
        assert list(rows.delete_leaving_tombstone(OWNER, file.id)) == [file.object_key]
        assert list(rows.pending(ALREADY_OVER, 10)) == [file.object_key]
        assert list(rows.pending(MINUTE, 10)) == []
        rows.clear(file.object_key)
        assert list(rows.delete_leaving_tombstone(OWNER, file.id)) == []
        assert list(rows.pending(ALREADY_OVER, 10)) == []

    def test_what_is_known_of_a_key(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert rows.key_state("uploads/unknown") is KeyState.UNKNOWN
        assert rows.key_state(file.object_key) is KeyState.FILE
        rows.delete_leaving_tombstone(OWNER, file.id)
        assert rows.key_state(file.object_key) is KeyState.DELETED
        rows.clear(file.object_key)
        assert rows.key_state(file.object_key) is KeyState.DELETED


class TestAdopting:
    def test_an_unknown_object_gets_a_row(self, rows: Rows) -> None:
        new = new_file(key="uploads/from/elsewhere.txt")
        rows.adopt(new)
        adopted = rows.get(OWNER, new.id)
        assert adopted is not None
        assert adopted.status is Status.UPLOADED
        assert adopted.uploaded_at is not None
        assert (adopted.name, adopted.size, adopted.checksum) == (new.name, new.size, new.checksum)

    def test_an_object_is_adopted_once(self, rows: Rows) -> None:
        rows.adopt(new_file(key="uploads/x"))
        rows.adopt(new_file(key="uploads/x"))
        assert len(rows.list(OWNER, ListQuery())) == 1

    def test_a_key_of_another_tool_may_be_used_again_after_its_file_was_deleted(self, rows: Rows) -> None:
        for _ in range(2):
            new = new_file(key="uploads/again.txt")
            rows.adopt(new)
            assert rows.key_state("uploads/again.txt") is KeyState.FILE
            assert list(rows.delete_leaving_tombstone(OWNER, new.id)) == ["uploads/again.txt"]
            assert rows.key_state("uploads/again.txt") is KeyState.DELETED
            rows.adopt(new_file(key="uploads/again.txt"))
            assert rows.list(OWNER, ListQuery()) == []
            rows.clear("uploads/again.txt")
            assert rows.key_state("uploads/again.txt") is KeyState.UNKNOWN

    def test_a_deleted_files_object_is_not_adopted(self, rows: Rows) -> None:
        file = uploaded(rows)
        rows.delete_leaving_tombstone(OWNER, file.id)
        rows.adopt(new_file(key=file.object_key))
        assert rows.list(OWNER, ListQuery()) == []


class TestDeadLetters:
    def test_what_waits_for_its_event_is_due_at_once(self, rows: Rows) -> None:
        file = uploaded(rows)
        for _ in range(11):
            rows.release(claimed(rows, file))
        before = present(rows, file)
        assert list(rows.overdue(MINUTE / 2, 10)) == []
        assert rows.record_dead_letter(file.object_key, "RetriesExhausted")
        [due] = rows.overdue(MINUTE / 2, 10)
        assert due == before  # what a reader of the file sees is the same
        assert (due.id, due.status, due.attempts) == (file.id, Status.UPLOADED, 11)

    def test_bytes_that_only_the_lost_event_told_of_are_noticed(self, rows: Rows) -> None:
        awaited, expired = new_file(), new_file()
        rows.add(awaited, ALREADY_OVER)
        rows.add(expired, ALREADY_OVER)
        [overdue] = [file for file in rows.overdue(AT_ONCE, 10) if file.id == expired.id]
        rows.expire(overdue)
        for new in (awaited, expired):
            assert rows.record_dead_letter(new.object_key, "EventAgeExceeded")
        due = rows.overdue(MINUTE / 2, 10)
        assert {file.id: file.status for file in due} == dict.fromkeys((awaited.id, expired.id), Status.UPLOADED)
        assert all(file.uploaded_at is not None for file in due)
        assert rows.oldest_wait() is not None

    def test_what_somebody_works_on_or_has_done_stays_as_it_is(self, rows: Rows) -> None:
        processing, done = claimed(rows, uploaded(rows)), uploaded(rows)
        rows.finish(claimed(rows, done), description(), CONTENT)
        processed = present(rows, done)
        for file in (processing, processed):
            assert rows.record_dead_letter(file.object_key, "RetriesExhausted")
            assert present(rows, file) == file
        assert rows.finish(processing, description(), CONTENT)

    def test_an_object_without_a_row(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert not rows.record_dead_letter("uploads/unknown", "RetriesExhausted")
        assert list(rows.overdue(MINUTE / 2, 10)) == []
        assert present(rows, file) == file

    def test_taking_note_twice_does_no_harm(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert rows.record_dead_letter(file.object_key, "RetriesExhausted")
        assert rows.record_dead_letter(file.object_key, "RetriesExhausted")
        assert claimed(rows, file).attempts == 1


class TestOverdue:
    def test_what_waits_for_its_event(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert list(rows.overdue(MINUTE, 10)) == []
        assert list(rows.overdue(ALREADY_OVER, 10)) == [file]

    def test_a_lease_that_ran_out(self, rows: Rows) -> None:
        claimed(rows, uploaded(rows))
        abandoned = claimed(rows, uploaded(rows), ALREADY_OVER)
        assert list(rows.overdue(MINUTE, 10)) == [abandoned]

    def test_what_waits_for_its_bytes(self, rows: Rows) -> None:
        waiting, expired = new_file(), new_file()
        rows.add(waiting, MINUTE)
        rows.add(expired, ALREADY_OVER)
        assert [file.id for file in rows.overdue(AT_ONCE, 10)] == [expired.id]

    def test_what_is_done_never_is(self, rows: Rows) -> None:
        rows.finish(claimed(rows, uploaded(rows)), description(), CONTENT)
        assert list(rows.overdue(ALREADY_OVER, 10)) == []

    def test_the_oldest_come_first_and_no_more_than_asked_for(self, rows: Rows) -> None:
        files = [uploaded(rows) for _ in range(3)]
        assert list(rows.overdue(ALREADY_OVER, 2)) == files[:2]

    def test_expiring(self, rows: Rows) -> None:
        rows.add(new_file(), ALREADY_OVER)
        [overdue] = rows.overdue(AT_ONCE, 10)
        rows.expire(overdue)
        assert present(rows, overdue).status is Status.EXPIRED

    def test_bytes_that_come_after_all_are_taken(self, rows: Rows) -> None:
        first, second = new_file(), new_file()
        for new in (first, second):
            rows.add(new, ALREADY_OVER)
        for overdue in rows.overdue(AT_ONCE, 10):
            rows.expire(overdue)
        assert rows.claim(ObjectRef(first.object_key), MINUTE) is not None
        late = rows.mark_uploaded(OWNER, second.id, "etag")
        assert late is not None
        assert late.status is Status.UPLOADED

    def test_the_waiting_doubles_with_each_attempt(self, rows: Rows) -> None:
        fresh, tried = uploaded(rows), uploaded(rows)
        for _ in range(10):
            rows.release(claimed(rows, tried))
        time.sleep(0.05)
        assert list(rows.overdue(timedelta(milliseconds=1), 10)) == [fresh]
        time.sleep(1.0)
        assert len(rows.overdue(timedelta(milliseconds=1), 10)) == 2

    def test_what_arrived_meanwhile_does_not_expire(self, rows: Rows) -> None:
        rows.add(new_file(), ALREADY_OVER)
        [overdue] = rows.overdue(AT_ONCE, 10)
        claimed(rows, overdue)
        rows.expire(overdue)
        assert present(rows, overdue).status is Status.PROCESSING

    def test_giving_up(self, rows: Rows) -> None:
        file = uploaded(rows)
        rows.finish(claimed(rows, file), description(), CONTENT)
        rows.requeue(OWNER, file.id)
        claimed(rows, file, ALREADY_OVER)
        [overdue] = rows.overdue(MINUTE, 10)
        rows.fail_exhausted(overdue, Failure("attempts_exhausted", "tried"))
        assert present(rows, overdue).failure == Failure("attempts_exhausted", "tried")
        assert present(rows, overdue).result is None
        assert present(rows, overdue).status is Status.FAILED

    def test_what_moved_meanwhile_is_not_given_up(self, rows: Rows) -> None:
        claimed(rows, uploaded(rows), ALREADY_OVER)
        [overdue] = rows.overdue(MINUTE, 10)
        claimed(rows, overdue)
        rows.fail_exhausted(overdue, Failure("attempts_exhausted", "tried"))
        assert present(rows, overdue).status is Status.PROCESSING
