"""The conformance suite of `ProcessingQueue`, for objects that are replaced."""

from datetime import datetime

import pytest
from msgspec.structs import fields

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.model import Analysis, AnalyzedObject, Failure, File
from chalicelib.core.files.statuses import Status
from tests.database_ports import (
    ALREADY_OVER,
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    claim_file,
    event,
    postgres_ports,
)
from tests.samples import ANALYZED_OBJECT, OWNER, analysis, checksum

OTHER = AnalyzedObject(9, "other", checksum(b"other"))


class TestReplacedObject:
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
    def test_finished_file_is_claimed_for_newer_object_only(
        self, db: DatabasePorts, etag: str, sequencer: str | None, claimed_again: bool
    ) -> None:
        done = add_processed(db)
        assert (db.queue.claim(event(done, etag, sequencer), MINUTE) is not None) == claimed_again

    def test_claim_of_replaced_object_begins_a_new_round(self, db: DatabasePorts) -> None:
        done = add_processed(db)
        claim = db.queue.claim(event(done, "other", "6"), MINUTE)
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
        again = db.queue.finish(claim, analysis("image/png"), OTHER)
        assert again is not None
        assert (again.size, again.etag, again.checksum) == (9, "other", checksum(b"other"))

    def test_finish_requeues_file_whose_object_was_replaced(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim = claim_file(db, file)
        assert db.queue.claim(event(file, "other", "6"), MINUTE) is None
        again = db.queue.finish(claim, analysis(), ANALYZED_OBJECT)
        assert again is not None
        assert (again.status, again.processed_at, again.attempts_offset) == (Status.UPLOADED, None, 1)
        assert [file.id for file in db.queue.overdue(MINUTE, 9)] == [file.id]
        done = db.queue.finish(claim_file(db, file), analysis(), OTHER)
        assert done is not None
        assert done.status is Status.PROCESSED

    def test_finish_does_not_requeue_when_worker_read_the_new_object(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim = claim_file(db, file)
        db.queue.claim(event(file, "other", "6"), MINUTE)
        done = db.queue.finish(claim, analysis(), OTHER)
        assert done is not None
        assert done.status is Status.PROCESSED

    def test_older_event_does_not_requeue_a_claimed_file(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim = db.queue.claim(event(file, "etag", "5"), MINUTE)
        assert claim is not None
        db.queue.claim(event(file, "older", "4"), MINUTE)
        done = db.queue.finish(claim, analysis(), ANALYZED_OBJECT)
        assert done is not None
        assert done.status is Status.PROCESSED

    def test_finish_without_object_requeues_when_one_arrived(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim = claim_file(db, file)
        db.queue.claim(event(file, "etag", "6"), MINUTE)
        again = db.queue.finish(claim, Failure(OBJECT_MISSING.code, "gone"), None)
        assert again is not None
        assert (again.status, again.failure) == (Status.UPLOADED, None)

    def test_sequencer_of_event_during_claim_is_stored(self, db: DatabasePorts) -> None:
        """The newest event counts, also one that found a worker busy, and no older one takes its place."""
        file = add_uploaded(db)
        claim = claim_file(db, file)
        db.queue.claim(event(file, "other", "6"), MINUTE)
        db.queue.claim(event(file, "older", "5"), MINUTE)
        done = db.queue.finish(claim, analysis(), OTHER)
        assert done is not None
        assert done.status is Status.PROCESSED
        assert db.queue.claim(event(file, "older", "5"), MINUTE) is None
        assert db.queue.claim(event(file, "newer", "7"), MINUTE) is not None

    def test_claim_by_older_event_keeps_the_newest_sequencer(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claim = db.queue.claim(event(file, "etag", "6"), MINUTE)
        assert claim is not None
        db.queue.release(claim)
        again = db.queue.claim(event(file, "older", "4"), MINUTE)
        assert again is not None
        db.queue.finish(again, analysis(), ANALYZED_OBJECT)
        assert db.queue.claim(event(file, "between", "5"), MINUTE) is None

    def test_pending_etag_is_cleared_by_the_next_claim(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        first = claim_file(db, file)
        db.queue.claim(event(file, "other", "6"), MINUTE)
        db.queue.release(first)
        done = db.queue.finish(claim_file(db, file), analysis(), ANALYZED_OBJECT)
        assert done is not None
        assert done.status is Status.PROCESSED

    def test_file_with_missing_object_is_claimed_when_it_arrives(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        failed = db.queue.finish(claim_file(db, file), Failure(OBJECT_MISSING.code, "gone"), None)
        assert failed is not None
        assert (failed.etag, failed.size, failed.checksum) == ("etag", file.size, file.checksum)
        claim = db.queue.claim(event(file, "etag", "9"), MINUTE)
        assert claim is not None
        assert claim.failure is None

    def test_failure_removes_an_earlier_result(self, db: DatabasePorts) -> None:
        done = add_processed(db)
        claim = db.queue.claim(event(done, "other", "6"), MINUTE)
        assert claim is not None
        failed = db.queue.finish(claim, Failure("c", "m"), OTHER)
        assert failed is not None
        assert (failed.detected_type, failed.result, failed.failure) == (None, None, Failure("c", "m"))

    def test_failure_keeps_its_partial_analysis(self, db: DatabasePorts) -> None:
        partial = Analysis(detected_type="image/png", result={"image": {"version": 2}})
        failed = db.queue.finish(claim_file(db, add_uploaded(db)), Failure("c", "m", partial), ANALYZED_OBJECT)
        assert failed is not None
        assert (failed.detected_type, failed.result) == ("image/png", {"image": {"version": 2}})
        assert failed.failure == Failure("c", "m")


class TestRequeuedFile:
    """A file that `finish` requeues because its object was replaced is left as `Files.requeue` leaves it."""

    @pytest.mark.parametrize(
        "outcome",
        [
            analysis("image/png"),
            Failure("c", "m", Analysis(detected_type="image/png", result={"image": {"version": 2}})),
            Failure("c", "m"),
        ],
        ids=["analysis", "failure with analysis", "failure"],
    )
    def test_finish_of_replaced_object_resets_the_same_fields_as_requeue(
        self, db: DatabasePorts, outcome: Analysis | Failure
    ) -> None:
        first, second = add_uploaded(db), add_uploaded(db)
        claims = []
        for file in (first, second):
            failed = db.queue.finish(claim_file(db, file), Failure("earlier", "m"), ANALYZED_OBJECT)
            assert failed is not None
            db.files.requeue(OWNER, file.id)
            claim_file(db, file, ALREADY_OVER)  # a worker crash
            claims.append(claim_file(db, file))
        db.queue.finish(claims[0], outcome, ANALYZED_OBJECT, "derived/thumbnail")
        requested = db.files.requeue(OWNER, first.id)
        assert db.queue.claim(event(second, "other", "6"), MINUTE) is None
        replaced = db.queue.finish(claims[1], outcome, ANALYZED_OBJECT, "derived/thumbnail")
        assert requested is not None
        assert replaced is not None
        own = {"id", "object_key", "created_at", "expires_at", "uploaded_at", "queued_at", "version"}
        for name in {field.name for field in fields(File)} - own:
            assert getattr(replaced, name) == getattr(requested, name), name
        assert replaced.version == claims[1].version + 1
        assert replaced.queued_at is not None
        assert claims[1].queued_at is not None
        assert replaced.queued_at > claims[1].queued_at
        assert [file.id for file in db.queue.overdue(MINUTE, 9)] == [first.id, second.id]

    def test_pending_etag_of_earlier_round_does_not_requeue_again(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claimed = claim_file(db, file)
        db.queue.claim(event(file, "other", "6"), MINUTE)
        db.queue.finish(claimed, analysis(), ANALYZED_OBJECT)
        finished = db.queue.finish(claim_file(db, file), analysis(), OTHER)
        assert finished is not None
        assert finished.status is Status.PROCESSED


def test_every_column_of_a_requeued_row_is_the_same_by_either_statement(database: Database) -> None:
    """Columns that aren't part of a file, too: PostgreSQL only."""
    db = postgres_ports(database)
    requested, replaced = add_uploaded(db), add_uploaded(db)
    claim = db.queue.claim(event(requested, "etag", "6"), MINUTE)
    assert claim is not None
    db.queue.finish(claim, analysis(), ANALYZED_OBJECT)
    db.files.requeue(OWNER, requested.id)
    claim = db.queue.claim(event(replaced, "etag", "5"), MINUTE)
    assert claim is not None
    db.queue.claim(event(replaced, "other", "6"), MINUTE)
    db.queue.finish(claim, analysis(), ANALYZED_OBJECT)
    rows = {row.id: row._asdict() for row in database.read("SELECT * FROM files")}
    for column in rows[requested.id].keys() - {"id", "object_key", "version"}:
        values = [rows[file.id][column] for file in (requested, replaced)]
        if any(isinstance(value, datetime) for value in values):
            values = [value is None for value in values]
        assert values[0] == values[1], column
