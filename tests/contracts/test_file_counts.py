"""The conformance suite of `FileCounts`."""

from datetime import UTC, datetime, timedelta

from chalicelib.core.administration.model import Count
from chalicelib.core.errors import ATTEMPTS_EXHAUSTED
from chalicelib.core.files.model import Analysis, Failure
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.ports import ProcessorCatalog
from tests.database_ports import (
    ALREADY_OVER,
    AT_ONCE,
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    claim_file,
    finish_file,
)
from tests.samples import OTHER_OWNER, OWNER, analysis, new_file

WEEK = timedelta(days=7)
UNREADABLE = Failure("unreadable_image", "It is damaged.")


def add_one_of_each_status(db: DatabasePorts) -> None:
    """Add two processed files, and one with each other status, of two owners."""
    db.files.add(new_file("announced"), MINUTE)
    add_uploaded(db, "uploaded", owner=OTHER_OWNER)
    claim_file(db, add_uploaded(db, "processing"))
    for owner in (OWNER, OTHER_OWNER):
        finish_file(db, add_uploaded(db, "processed", owner=owner), analysis("image/png"))
    finish_file(db, add_uploaded(db, "failed"), UNREADABLE)
    db.queue.reject(claim_file(db, add_uploaded(db, "rejected", owner=OTHER_OWNER)), UNREADABLE)
    db.queue.expire(db.uploads.add(new_file("expired"), ALREADY_OVER))


class TestByStatus:
    def test_all_owners_files_are_counted(self, db: DatabasePorts) -> None:
        add_one_of_each_status(db)
        counted = db.file_counts.by_status()
        assert counted.by_status == {status: Count(2 if status is Status.PROCESSED else 1) for status in Status}
        assert abs(counted.measured_at - datetime.now(UTC)) < MINUTE

    def test_without_files(self, db: DatabasePorts) -> None:
        counted = db.file_counts.by_status()
        assert counted.by_status == dict.fromkeys(Status, Count(0))
        assert counted.marked == Count(0)

    def test_a_deleted_file_does_not_count(self, db: DatabasePorts) -> None:
        for file in (add_processed(db), add_uploaded(db), finish_file(db, add_uploaded(db), UNREADABLE)):
            db.files.delete_leaving_tombstone(OWNER, file.id)
        assert db.file_counts.by_status().by_status == dict.fromkeys(Status, Count(0))

    def test_marked_files_are_counted(self, db: DatabasePorts) -> None:
        finish_file(db, add_uploaded(db), Analysis(detected_type="font/ttf", result={}))
        assert db.reprocess_queue.mark(ProcessorCatalog({}, ["font/"]), None, 10).marked == 1
        assert db.file_counts.by_status().marked == Count(1)


class TestFamilies:
    def test_types_are_counted_by_family(self, db: DatabasePorts) -> None:
        for media_type in ("image/png", "image/jpeg", "text/plain"):
            finish_file(db, add_uploaded(db), analysis(media_type))
        add_uploaded(db)
        sample = db.file_counts.sample_families()
        assert (sample.by_family, sample.is_whole) == ({"image": 2, "text": 1, None: 1}, True)

    def test_without_files(self, db: DatabasePorts) -> None:
        sample = db.file_counts.sample_families()
        assert (sample.by_family, sample.is_whole) == ({}, True)


class TestLate:
    def test_files_that_wait_to_be_processed(self, db: DatabasePorts) -> None:
        uploaded, claimed = add_uploaded(db, "first"), claim_file(db, add_uploaded(db, "second"))
        db.files.add(new_file("announced"), ALREADY_OVER)
        add_processed(db)
        late = db.file_counts.late(AT_ONCE, 9)
        assert late.count == Count(2)
        assert [(file.id, file.owner, file.name, file.status, file.attempts) for file in late.longest] == [
            (uploaded.id, OWNER, "first", Status.UPLOADED, 0),
            (claimed.id, OWNER, "second", Status.PROCESSING, 1),
        ]
        assert late.longest[0].waiting_since <= late.longest[1].waiting_since

    def test_a_file_that_was_queued_again_waits_since_then(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        requeued = db.files.requeue(OWNER, file.id)
        assert requeued is not None
        assert requeued.queued_at is not None
        [late] = db.file_counts.late(AT_ONCE, 9).longest
        assert late.waiting_since == requeued.queued_at

    def test_only_so_many_are_returned_and_all_counted(self, db: DatabasePorts) -> None:
        first, *_ = (add_uploaded(db) for _ in range(3))
        late = db.file_counts.late(AT_ONCE, 1)
        assert (late.count, [file.id for file in late.longest]) == (Count(3), [first.id])

    def test_a_file_that_waits_for_less_is_not_late(self, db: DatabasePorts) -> None:
        add_uploaded(db)
        late = db.file_counts.late(MINUTE, 9)
        assert (late.count, list(late.longest)) == (Count(0), [])


class TestFailures:
    def test_failures_by_code_the_most_frequent_first(self, db: DatabasePorts) -> None:
        add_one_of_each_status(db)
        finish_file(db, add_uploaded(db), Failure("attempts_exhausted", "m"))
        failures = db.file_counts.failures(WEEK)
        assert [(failure.code, failure.count) for failure in failures] == [
            (UNREADABLE.code, Count(2)),
            (ATTEMPTS_EXHAUSTED.code, Count(1)),
        ]
        assert all(abs(failure.newest_at - datetime.now(UTC)) < MINUTE for failure in failures)

    def test_earlier_failures_do_not_count(self, db: DatabasePorts) -> None:
        finish_file(db, add_uploaded(db), UNREADABLE)
        assert list(db.file_counts.failures(AT_ONCE)) == []

    def test_a_file_that_was_queued_again_has_not_failed(self, db: DatabasePorts) -> None:
        failed = finish_file(db, add_uploaded(db), UNREADABLE)
        db.files.requeue(OWNER, failed.id)
        assert list(db.file_counts.failures(WEEK)) == []
