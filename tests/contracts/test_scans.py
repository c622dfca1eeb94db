"""The conformance suite of `Scans`, and of what the other ports do with verdicts."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.core.files.model import Failure, File, Scan
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.ports import KeyState, ProcessorCatalog
from chalicelib.core.scanning.verdicts import Verdict
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
from tests.samples import ANALYZED_OBJECT, OWNER, analysis, new_file

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
MALWARE = Failure("malware_found", "EICAR")
CATALOG = ProcessorCatalog({"none": 1}, ["none/"])


def scan_of(etag: str, verdict: Verdict = Verdict.CLEAN, at: datetime = NOON) -> Scan:
    return Scan(verdict=verdict, scanned_at=at, etag=etag)


def timeline(db: DatabasePorts, file: File) -> list[tuple[str, Verdict | None]]:
    return [(entry.type.value, entry.verdict) for entry in db.history.timeline(OWNER, file.id, 99)]


class TestRecord:
    def test_a_scan_is_stored_and_makes_a_version(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        recorded = db.scans.record(file.object_key, scan_of("etag"))
        assert recorded is not None
        assert recorded == replace(file, version=file.version + 1, scan=scan_of("etag"))
        assert reload(db, file) == recorded
        assert recorded.current_scan == scan_of("etag")

    @pytest.mark.parametrize("later", [AT_ONCE, -MINUTE])
    def test_the_same_object_keeps_the_newer_verdict(self, db: DatabasePorts, later: timedelta) -> None:
        file = add_processed(db)
        recorded = db.scans.record(file.object_key, scan_of("etag"))
        assert db.scans.record(file.object_key, scan_of("etag", Verdict.FAILED, NOON + later)) is None
        assert reload(db, file) == recorded
        newer = scan_of("etag", Verdict.FAILED, NOON + MINUTE)
        db.scans.record(file.object_key, newer)
        assert reload(db, file).scan == newer

    def test_another_object_gets_a_verdict_of_its_own(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        db.scans.record(file.object_key, scan_of("etag"))
        recorded = db.scans.record(file.object_key, scan_of("new", at=NOON - MINUTE))
        assert recorded is not None
        assert (recorded.scan, recorded.current_scan) == (scan_of("new", at=NOON - MINUTE), None)

    def test_a_file_of_any_status_gets_its_verdict_and_keeps_it(self, db: DatabasePorts) -> None:
        new = new_file()
        db.files.add(new, MINUTE)
        recorded = db.scans.record(new.object_key, scan_of("etag"))
        assert recorded is not None
        assert (recorded.status, recorded.current_scan) == (Status.AWAITING_UPLOAD, scan_of("etag"))
        file = finish_file(db, new_uploaded(db, recorded), analysis())
        assert (file.status, file.scan) == (Status.PROCESSED, scan_of("etag"))

    def test_a_worker_keeps_its_claim(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        claimed = claim_file(db, file)
        db.scans.record(file.object_key, scan_of("etag"))
        finished = db.queue.finish(claimed, analysis(), ANALYZED_OBJECT)
        assert finished is not None
        assert (finished.status, finished.scan) == (Status.PROCESSED, scan_of("etag"))

    def test_an_unknown_or_rejected_file_has_nothing_to_record(self, db: DatabasePorts) -> None:
        assert db.scans.record("uploads/unknown", scan_of("etag")) is None
        file = add_processed(db)
        db.scans.reject_infected(file.object_key, scan_of("etag", Verdict.INFECTED), MALWARE)
        assert db.scans.record(file.object_key, scan_of("other")) is None


def new_uploaded(db: DatabasePorts, file: File) -> File:
    uploaded = db.files.mark_uploaded(OWNER, file.id, "etag")
    assert uploaded is not None
    return uploaded


class TestRejectInfected:
    def test_an_infected_file_is_rejected_whatever_its_status(self, db: DatabasePorts) -> None:
        awaiting = new_file()
        db.files.add(awaiting, MINUTE)
        claimed = claim_file(db, add_uploaded(db))
        keys = [awaiting.object_key, add_uploaded(db).object_key, claimed.object_key, add_processed(db).object_key]
        infected = scan_of("infected", Verdict.INFECTED)
        for key in keys:
            rejected = db.scans.reject_infected(key, infected, MALWARE)
            assert rejected is not None
            file = rejected.file
            assert (file.status, file.failure, file.current_scan) == (Status.REJECTED, MALWARE, infected)
            assert (file.result, file.detected_type, file.thumbnail_key) == (None, None, None)
            assert file.uploaded_at is not None
            assert file.processed_at is not None
            assert reload(db, file) == file
            assert db.queue.key_state(key) is KeyState.REJECTED
        pending = db.tombstones.pending(ALREADY_OVER, 9)
        assert {deleted.object_key for deleted in pending} == set(keys)
        assert db.queue.finish(claimed, analysis(), ANALYZED_OBJECT) is None

    def test_its_thumbnail_is_returned(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.queue.finish(claim_file(db, file), analysis(), ANALYZED_OBJECT, "derived/x")
        rejected = db.scans.reject_infected(file.object_key, scan_of("etag", Verdict.INFECTED), MALWARE)
        assert rejected is not None
        assert rejected.thumbnail_key == "derived/x"

    def test_it_is_rejected_once(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        infected = scan_of("etag", Verdict.INFECTED)
        assert db.scans.reject_infected(file.object_key, infected, MALWARE) is not None
        assert db.scans.reject_infected(file.object_key, infected, MALWARE) is None
        assert db.scans.reject_infected("uploads/unknown", infected, MALWARE) is None

    def test_an_older_scan_that_found_malware_counts(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        db.scans.record(file.object_key, scan_of("etag"))
        infected = scan_of("etag", Verdict.INFECTED, NOON - MINUTE)
        assert db.scans.reject_infected(file.object_key, infected, MALWARE) is not None


class TestWithoutVerdict:
    def due(self, db: DatabasePorts, settling_time: timedelta = ALREADY_OVER, limit: int = 9) -> list[str]:
        return [file.name for file in db.scans.without_verdict(settling_time, limit)]

    def test_finished_files_are_due_until_their_object_has_a_verdict(self, db: DatabasePorts) -> None:
        file, failed = add_processed(db, "a"), add_uploaded(db, "b")
        finish_file(db, failed, Failure("c", "m"))
        add_uploaded(db, "waiting")
        assert self.due(db) == ["b", "a"]  # the newest first
        assert self.due(db, limit=1) == ["b"]
        assert self.due(db, MINUTE) == []
        db.scans.record(file.object_key, scan_of("etag"))
        db.scans.reject_infected(failed.object_key, scan_of("etag", Verdict.INFECTED), MALWARE)
        assert self.due(db) == []

    def test_a_replaced_object_is_due_again(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        db.scans.record(file.object_key, scan_of("etag"))
        claimed = db.queue.claim(event(file, "new", "6"), MINUTE)
        assert claimed is not None
        db.queue.finish(claimed, analysis(), replace(ANALYZED_OBJECT, etag="new"))
        assert self.due(db) == [file.name]
        assert reload(db, file).current_scan is None

    def test_a_postponed_file_is_due_later(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        db.scans.postpone(file)
        assert reload(db, file) == file
        db.scans.postpone(add_uploaded(db))  # it has no effect
        while self.due(db) != [file.name]:
            pass  # it is only a moment old, and is due when it is twice as old


class TestWorkers:
    def test_a_workers_verdict_is_stored_with_its_outcome(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        analyzed = replace(ANALYZED_OBJECT, verdict=Verdict.UNSUPPORTED)
        finished = db.queue.finish(claim_file(db, file), analysis(), analyzed)
        assert finished is not None
        assert finished.scan is not None
        assert (finished.scan.verdict, finished.scan.etag) == (Verdict.UNSUPPORTED, "etag")
        assert db.scans.without_verdict(ALREADY_OVER, 9) == []
        again = db.queue.finish(claim_file(db, requeued(db, finished)), analysis(), ANALYZED_OBJECT)
        assert again is not None
        assert again.scan == finished.scan

    def test_a_worker_that_finds_malware_rejects_the_file(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        rejected = db.queue.reject(claim_file(db, file), MALWARE, "other")
        assert rejected is not None
        assert rejected.current_scan is not None
        assert (rejected.current_scan.verdict, rejected.current_scan.etag) == (Verdict.INFECTED, "other")

    def test_files_without_a_verdict_are_marked_where_workers_scan(self, db: DatabasePorts) -> None:
        file, scanned = add_processed(db), add_processed(db)
        db.scans.record(scanned.object_key, scan_of("etag"))
        assert db.reprocess_queue.mark(CATALOG, None, 9).marked == 0
        assert db.reprocess_queue.mark(replace(CATALOG, scans_files=True), None, 9).marked == 1
        assert [marked.id for marked in db.reprocess_queue.next_batch(9)] == [file.id]


def requeued(db: DatabasePorts, file: File) -> File:
    queued = db.files.requeue(OWNER, file.id)
    assert queued is not None
    return queued


class TestHistory:
    def test_a_recorded_scan_is_an_entry_and_a_change(self, db: DatabasePorts) -> None:
        file = add_processed(db, sequencer=None)
        recorded = db.scans.record(file.object_key, scan_of("etag"))
        assert recorded is not None
        db.scans.record(file.object_key, scan_of("etag"))
        assert timeline(db, file)[-2:] == [("finished", None), ("scanned", Verdict.CLEAN)]
        change = db.history.changes(OWNER, 0, 99)[-1]
        assert (change.type, change.version, change.verdict) == ("scanned", recorded.version, Verdict.CLEAN)

    def test_a_workers_scan_is_an_entry_beside_the_outcome(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.queue.finish(claim_file(db, file), analysis(), replace(ANALYZED_OBJECT, verdict=Verdict.CLEAN))
        assert timeline(db, file)[-2:] == [("scanned", Verdict.CLEAN), ("finished", Verdict.CLEAN)]
        changes = db.history.changes(OWNER, 0, 99)
        assert [change.type for change in changes][-2:] == ["claimed", "finished"]
        assert changes[-1].verdict is Verdict.CLEAN

    def test_a_rejection_has_both(self, db: DatabasePorts) -> None:
        file, other = add_processed(db), add_uploaded(db)
        db.scans.reject_infected(file.object_key, scan_of("new", Verdict.INFECTED), MALWARE)
        db.queue.reject(claim_file(db, other), MALWARE, "etag")
        for rejected in (file, other):
            assert timeline(db, rejected)[-2:] == [("scanned", Verdict.INFECTED), ("finished", Verdict.INFECTED)]

    def test_a_replaced_object_has_no_verdict_in_later_entries(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        db.scans.record(file.object_key, scan_of("etag"))
        claimed = db.queue.claim(event(file, "new", "6"), MINUTE)
        assert claimed is not None
        db.queue.finish(claimed, analysis(), replace(ANALYZED_OBJECT, etag="new"))
        assert timeline(db, file)[-1] == ("finished", None)
