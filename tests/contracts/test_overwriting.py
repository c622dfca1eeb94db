"""What the rows promise of objects that are replaced, and of files that are processed again."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.model import Analysis, Failure, File, ObjectFacts
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import MarkedBatch, ProcessorCatalog
from tests.contracts.on_rows import ALREADY_OVER, AT_ONCE, MINUTE, Rows, claimed, present, uploaded
from tests.samples import CONTENT, OWNER, SOMEBODY_ELSE, checksum, description, new_file

PRESENT = ProcessorCatalog({"text": 2}, ["font/", "image/x_"])
OTHER = ObjectFacts(9, "other", checksum(b"other"))


def event(file: File, etag: str, sequencer: str | None) -> ObjectRef:
    return ObjectRef(file.object_key, etag, 3, sequencer)


def processed(rows: Rows, sequencer: str | None = "5") -> File:
    file = uploaded(rows)
    claim = rows.claim(event(file, "etag", sequencer), MINUTE)
    assert claim is not None
    done = rows.finish(claim, description(), CONTENT)
    assert done is not None
    assert done.status is Status.PROCESSED
    return done


class TestAnotherObject:
    @pytest.mark.parametrize(
        ("etag", "sequencer", "claimed_again"),
        [
            ("other", "6", True),  # a newer event of another object
            ("other", "4", False),  # an older event that comes late
            ("etag", "6", False),  # the same bytes once more
            ("etag", "5", False),  # a duplicate
            ("other", "5", True),  # an emulator that gives all events one sequencer
            ("other", None, True),  # the bucket's listing
            ("etag", None, False),
        ],
    )
    def test_of_a_file_that_is_done(
        self, rows: Rows, etag: str, sequencer: str | None, claimed_again: bool
    ) -> None:
        done = processed(rows)
        assert (rows.claim(event(done, etag, sequencer), MINUTE) is not None) == claimed_again

    def test_a_new_round_begins(self, rows: Rows) -> None:
        done = processed(rows)
        claim = rows.claim(event(done, "other", "6"), MINUTE)
        assert claim is not None
        assert (claim.status, claim.attempts, claim.attempts_offset, claim.attempts_this_round) == (
            Status.PROCESSING,
            2,
            1,
            1,
        )
        assert claim.processed_at is None
        assert claim.queued_at is not None
        assert done.queued_at is not None
        assert claim.queued_at > done.queued_at
        again = rows.finish(claim, description("image/png"), OTHER)
        assert again is not None
        assert (again.size, again.etag, again.checksum) == (9, "other", checksum(b"other"))

    def test_while_a_worker_is_busy_the_file_is_done_again(self, rows: Rows) -> None:
        file = uploaded(rows)
        claim = claimed(rows, file)
        assert rows.claim(event(file, "other", "6"), MINUTE) is None
        again = rows.finish(claim, description(), CONTENT)
        assert again is not None
        assert (again.status, again.processed_at, again.attempts_offset) == (Status.UPLOADED, None, 1)
        assert [file.id for file in rows.overdue(MINUTE, 9)] == [file.id]
        done = rows.finish(claimed(rows, file), description(), OTHER)
        assert done is not None
        assert done.status is Status.PROCESSED

    def test_that_the_busy_worker_has_read_already(self, rows: Rows) -> None:
        file = uploaded(rows)
        claim = claimed(rows, file)
        rows.claim(event(file, "other", "6"), MINUTE)
        done = rows.finish(claim, description(), OTHER)
        assert done is not None
        assert done.status is Status.PROCESSED

    def test_an_older_event_does_not_disturb_a_busy_worker(self, rows: Rows) -> None:
        file = uploaded(rows)
        claim = rows.claim(event(file, "etag", "5"), MINUTE)
        assert claim is not None
        rows.claim(event(file, "older", "4"), MINUTE)
        done = rows.finish(claim, description(), CONTENT)
        assert done is not None
        assert done.status is Status.PROCESSED

    def test_that_came_while_a_worker_found_none(self, rows: Rows) -> None:
        file = uploaded(rows)
        claim = claimed(rows, file)
        rows.claim(event(file, "etag", "6"), MINUTE)
        again = rows.finish(claim, Failure(OBJECT_MISSING.code, "gone"), None)
        assert again is not None
        assert (again.status, again.failure) == (Status.UPLOADED, None)

    def test_what_a_busy_file_was_told_is_kept_for_later_events(self, rows: Rows) -> None:
        """The newest event counts, also one that found a worker busy, and no older one takes its place."""
        file = uploaded(rows)
        claim = claimed(rows, file)
        rows.claim(event(file, "other", "6"), MINUTE)
        rows.claim(event(file, "older", "5"), MINUTE)
        done = rows.finish(claim, description(), OTHER)
        assert done is not None
        assert done.status is Status.PROCESSED
        assert rows.claim(event(file, "older", "5"), MINUTE) is None
        assert rows.claim(event(file, "newer", "7"), MINUTE) is not None

    def test_a_claim_by_an_older_event_keeps_the_newest_sequencer(self, rows: Rows) -> None:
        file = uploaded(rows)
        claim = rows.claim(event(file, "etag", "6"), MINUTE)
        assert claim is not None
        rows.release(claim)
        again = rows.claim(event(file, "older", "4"), MINUTE)
        assert again is not None
        rows.finish(again, description(), CONTENT)
        assert rows.claim(event(file, "between", "5"), MINUTE) is None

    def test_what_was_told_before_a_claim_does_not_disturb_it(self, rows: Rows) -> None:
        file = uploaded(rows)
        first = claimed(rows, file)
        rows.claim(event(file, "other", "6"), MINUTE)
        rows.release(first)
        done = rows.finish(claimed(rows, file), description(), CONTENT)
        assert done is not None
        assert done.status is Status.PROCESSED

    def test_a_failed_file_that_gets_an_object_after_all(self, rows: Rows) -> None:
        file = uploaded(rows)
        failed = rows.finish(claimed(rows, file), Failure(OBJECT_MISSING.code, "gone"), None)
        assert failed is not None
        assert (failed.etag, failed.size, failed.checksum) == ("etag", file.size, file.checksum)
        claim = rows.claim(event(file, "etag", "9"), MINUTE)
        assert claim is not None
        assert claim.failure is None

    def test_a_failure_takes_an_earlier_result_away(self, rows: Rows) -> None:
        done = processed(rows)
        claim = rows.claim(event(done, "other", "6"), MINUTE)
        assert claim is not None
        failed = rows.finish(claim, Failure("c", "m"), OTHER)
        assert failed is not None
        assert (failed.detected_type, failed.result, failed.failure) == (None, None, Failure("c", "m"))

    def test_a_failure_keeps_what_is_known_all_the_same(self, rows: Rows) -> None:
        known = Analysis(detected_type="image/png", result={"image": {"version": 2}})
        failed = rows.finish(claimed(rows, uploaded(rows)), Failure("c", "m", known), CONTENT)
        assert failed is not None
        assert (failed.detected_type, failed.result) == ("image/png", {"image": {"version": 2}})
        assert failed.failure == Failure("c", "m")


class TestReopening:
    def test_a_file_that_is_done_is_due_at_once(self, rows: Rows) -> None:
        done = processed(rows)
        reopened = rows.requeue(OWNER, done.id)
        assert reopened is not None
        assert (reopened.status, reopened.processed_at, reopened.attempts_this_round) == (Status.UPLOADED, None, 0)
        assert reopened.version > done.version
        assert list(rows.overdue(MINUTE, 9)) == [reopened]
        assert claimed(rows, done).attempts == 2

    def test_a_worker_of_the_round_before_stores_nothing(self, rows: Rows) -> None:
        file = uploaded(rows)
        slow = claimed(rows, file, ALREADY_OVER)
        rows.finish(claimed(rows, file), description(), CONTENT)
        rows.requeue(OWNER, file.id)
        claimed(rows, file)
        assert rows.finish(slow, description(), CONTENT) is None

    def test_the_waiting_doubles_anew(self, rows: Rows) -> None:
        done = processed(rows)
        rows.requeue(OWNER, done.id)
        rows.release(claimed(rows, done))
        assert list(rows.overdue(MINUTE, 9)) == []
        assert [file.id for file in rows.overdue(AT_ONCE, 9)] == [done.id]

    def test_what_cannot_be_reopened(self, rows: Rows) -> None:
        waiting, done = uploaded(rows), processed(rows)
        new = new_file()
        rows.add(new, MINUTE)
        assert rows.requeue(OWNER, waiting.id) is None
        assert rows.requeue(OWNER, new.id) is None
        assert rows.requeue(SOMEBODY_ELSE, done.id) is None
        assert present(rows, done) == done


class TestWaiting:
    def test_nobody_waits(self, rows: Rows) -> None:
        processed(rows)
        rows.add(new_file(), MINUTE)
        assert rows.oldest_wait() is None

    def test_the_one_that_has_waited_longest(self, rows: Rows) -> None:
        first = uploaded(rows)
        wait = rows.oldest_wait()
        assert wait is not None
        assert timedelta(0) <= wait < MINUTE
        claim = claimed(rows, first)
        rows.release(claim)
        assert claim.queued_at == present(rows, first).queued_at == first.queued_at
        assert claimed(rows, first, ALREADY_OVER).queued_at == first.queued_at
        assert claimed(rows, first).queued_at == first.queued_at


class TestDeaths:
    def test_a_lease_that_ran_out_is_one(self, rows: Rows) -> None:
        file = uploaded(rows)
        assert claimed(rows, file, ALREADY_OVER).worker_crashes == 0
        assert claimed(rows, file, ALREADY_OVER).worker_crashes == 1
        again = claimed(rows, file)
        assert again.worker_crashes == 2
        rows.release(again)
        assert claimed(rows, file).worker_crashes == 2  # a transient fault is none

    def test_a_new_round_begins_with_none(self, rows: Rows) -> None:
        file = uploaded(rows)
        claimed(rows, file, ALREADY_OVER)
        done = rows.finish(claimed(rows, file), description(), CONTENT)
        assert done is not None
        assert done.worker_crashes == 1
        rows.requeue(OWNER, file.id)
        assert claimed(rows, file).worker_crashes == 0

    def test_so_does_another_object(self, rows: Rows) -> None:
        file = uploaded(rows)
        claimed(rows, file, ALREADY_OVER)
        other = rows.finish(claimed(rows, file), description(), CONTENT)
        assert other is not None
        assert other.worker_crashes == 1
        claim = rows.claim(event(other, "other", "6"), MINUTE)
        assert claim is not None
        assert claim.worker_crashes == 0


class TestOutdated:
    def described(self, rows: Rows, version: int = 1) -> File:
        facts = {"text": {"version": version}}
        file = rows.finish(claimed(rows, uploaded(rows)), Analysis(detected_type="t", result=facts), CONTENT)
        assert file is not None
        return file

    def test_what_an_older_version_described(self, rows: Rows) -> None:
        old = self.described(rows)
        self.described(rows, 2)
        uploaded(rows)
        marked = rows.mark(PRESENT, None, 10)
        assert (marked.examined, marked.marked) == (3, 1)
        assert [file.id for file in rows.next_batch(10)] == [old.id]
        assert present(rows, old) == old

    @pytest.mark.parametrize(
        ("media_type", "result", "marked"),
        [
            ("font/ttf", {}, 1),
            ("image/x_1", {}, 1),
            ("image/x-1", {}, 0),
            ("application/font/", {}, 0),
            ("font/ttf", {"fonts": {"version": 1}}, 0),
        ],
    )
    def test_what_no_processor_could_describe(
        self, rows: Rows, media_type: str, result: dict[str, Any], marked: int
    ) -> None:
        rows.finish(claimed(rows, uploaded(rows)), Analysis(detected_type=media_type, result=result), CONTENT)
        assert rows.mark(PRESENT, None, 10).marked == marked

    def test_what_an_older_version_failed_at(self, rows: Rows) -> None:
        known = Analysis(detected_type="t", result={"text": {"version": 1}})
        rows.finish(claimed(rows, uploaded(rows)), Failure("c", "m", known), CONTENT)
        assert rows.mark(PRESENT, None, 10).marked == 1

    def test_none_that_is_at_work(self, rows: Rows) -> None:
        old = self.described(rows)
        rows.requeue_by_key(old.object_key)
        assert rows.mark(PRESENT, None, 10).marked == 0

    def test_batch_after_batch(self, rows: Rows) -> None:
        files = [self.described(rows) for _ in range(3)]
        first = rows.mark(PRESENT, None, 2)
        assert (first.examined, first.marked, first.last_id) == (2, 2, files[1].id)
        assert rows.mark(PRESENT, first.last_id, 2) == MarkedBatch(1, 1, files[2].id)
        assert rows.mark(PRESENT, files[2].id, 2) == MarkedBatch(0, 0, None)
        assert len(rows.next_batch(2)) == 2

    def test_only_while_it_is_done_and_until_the_mark_is_taken_away(self, rows: Rows) -> None:
        old, deleted = self.described(rows), self.described(rows)
        rows.mark(PRESENT, None, 10)
        rows.delete_leaving_tombstone(OWNER, deleted.id)
        rows.requeue_by_key(old.object_key)
        assert list(rows.next_batch(10)) == []
        done = rows.finish(claimed(rows, old), description(), CONTENT)
        assert list(rows.next_batch(10)) == [done]
        rows.unmark(old.id)
        assert list(rows.next_batch(10)) == []

    def test_marked_twice(self, rows: Rows) -> None:
        self.described(rows)
        assert rows.mark(PRESENT, None, 10).marked == 1
        assert rows.mark(PRESENT, None, 10).marked == 0
