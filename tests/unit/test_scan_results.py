"""GuardDuty's events and tags, and what they do to the files."""

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.core.errors import MALWARE_FOUND, STORAGE_UNAVAILABLE, ServiceError
from chalicelib.core.files.model import File
from chalicelib.core.files.statuses import Status
from chalicelib.core.metrics import Metric
from chalicelib.core.scanning.guardduty import TAG, to_verdict
from chalicelib.core.scanning.record_scan import RecordScan, record_scan
from chalicelib.core.scanning.verdicts import ScanResult, Verdict
from chalicelib.core.sweep.lost_verdicts import LostVerdicts
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.http.lambda_events import scan_results_of
from chalicelib.http.scan_results import parse_scan_result
from tests.database_ports import ALREADY_OVER, FakePorts, add_processed, claim_file, reload
from tests.fakes.metrics import FakeMetrics
from tests.fakes.storage import FakeStorage
from tests.samples import ANALYZED_OBJECT, analysis
from tests.unit.use_cases import make_worker, run_sweep, upload

EVENT = json.loads((Path(__file__).parents[1] / "events" / "scan-result.json").read_text())
BUCKET = EVENT["detail"]["s3ObjectDetails"]["bucketName"]
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def event(*path: str, value: Any) -> dict[str, Any]:
    """Return the event with another value in its details."""
    changed: dict[str, Any] = deepcopy(EVENT)
    part = changed["detail"]
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return changed


class TestParse:
    def test_an_event_is_a_result_about_one_object(self) -> None:
        assert parse_scan_result(EVENT, BUCKET) == RecordScan(
            object_key="uploads/01930000-0000-7000-8000-000000000000/a+b ü.txt",
            etag="5d41402abc4b2a76b9719d911017c592",
            result=ScanResult(Verdict.CLEAN),
            scanned_at=NOON,
        )

    @pytest.mark.parametrize(
        ("status", "verdict"),
        [
            ("NO_THREATS_FOUND", Verdict.CLEAN),
            ("THREATS_FOUND", Verdict.INFECTED),
            ("UNSUPPORTED", Verdict.UNSUPPORTED),
            ("ACCESS_DENIED", Verdict.FAILED),
            ("FAILED", Verdict.FAILED),
            ("SOMETHING_NEW", Verdict.FAILED),
            ("no_threats_found", Verdict.FAILED),
        ],
    )
    def test_only_one_result_is_clean(self, status: str, verdict: Verdict) -> None:
        command = parse_scan_result(event("scanResultDetails", "scanResultStatus", value=status), BUCKET)
        assert command is not None
        assert command.result.verdict is verdict is to_verdict(status)

    def test_threats_are_named(self) -> None:
        threats = [{"name": f"Threat{n}", "severity": "high"} for n in range(9)]
        command = parse_scan_result(event("scanResultDetails", "threats", value=threats), BUCKET)
        assert command is not None
        assert command.result.threat == "Threat0, Threat1, Threat2, Threat3, Threat4"

    @pytest.mark.parametrize(
        "malformed",
        [
            {},
            {**EVENT, "time": "yesterday"},
            {**EVENT, "time": "2026-11-28T12:00:00"},
            {**EVENT, "detail": None},
            event("s3ObjectDetails", "objectKey", value=""),
            event("s3ObjectDetails", "objectKey", value="a\0b"),
            event("s3ObjectDetails", "eTag", value=None),
            event("s3ObjectDetails", "bucketName", value="another"),
            event("scanResultDetails", "scanResultStatus", value=None),
            event("scanResultDetails", value={}),
        ],
    )
    def test_a_malformed_event_or_another_buckets_is_ignored(self, malformed: dict[str, Any]) -> None:
        assert parse_scan_result(malformed, BUCKET) is None

    def test_the_rules_pattern_matches_the_event(self) -> None:
        pattern = scan_results_of(BUCKET)
        assert EVENT["source"] in pattern["source"]
        assert EVENT["detail-type"] in pattern["detail-type"]
        assert pattern["detail"] == {"s3ObjectDetails": {"bucketName": [BUCKET]}}


def record(
    db: FakePorts, storage: FakeStorage, file: File, verdict: Verdict = Verdict.CLEAN, etag: str | None = None
) -> File | None:
    command = RecordScan(
        object_key=file.object_key,
        etag=etag or storage.etag(file.object_key),
        result=ScanResult(verdict, "EICAR"),
        scanned_at=NOON,
    )
    return record_scan(command, scans=db.scans, storage=storage, metrics=FakeMetrics())


class TestRecord:
    def test_a_verdict_is_recorded_once(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)
        recorded = record(db, storage, file)
        assert recorded is not None
        assert recorded.current_scan is not None
        assert recorded.current_scan.verdict is Verdict.CLEAN
        assert record(db, storage, file) is None
        assert reload(db, file) == recorded

    def test_a_verdict_about_an_earlier_object_is_ignored(self, db: FakePorts, storage: FakeStorage) -> None:
        """Also one that has found malware: the object that is there now has a verdict of its own."""
        file = upload(db, storage)
        earlier = storage.etag(file.object_key)
        storage.store(file.object_key, b"other", "text/plain")
        for verdict in (Verdict.CLEAN, Verdict.INFECTED):
            assert record(db, storage, file, verdict, earlier) is None
        assert reload(db, file) == file

    def test_an_infected_file_is_rejected_and_deleted_with_its_thumbnail(
        self, db: FakePorts, storage: FakeStorage
    ) -> None:
        file = upload(db, storage)
        storage.store("derived/x", b"x", "image/webp")
        db.queue.finish(claim_file(db, file), analysis(), ANALYZED_OBJECT, "derived/x")
        rejected = record(db, storage, file, Verdict.INFECTED)
        assert rejected is not None
        assert (rejected.status, rejected.failure and rejected.failure.code) == (
            Status.REJECTED,
            MALWARE_FOUND.code,
        )
        assert "EICAR" in str(rejected.failure)
        assert storage.objects == {}
        assert record(db, storage, file, etag="any") is None

    def test_what_is_not_deleted_the_sweep_deletes(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)

        class Undeletable(FakeStorage):
            def delete(self, key: str) -> None:  # noqa: ARG002
                raise ServiceError(STORAGE_UNAVAILABLE)

        with pytest.raises(ServiceError):
            record(db, Undeletable(storage.objects), file, Verdict.INFECTED)
        assert reload(db, file).status is Status.REJECTED
        run_sweep(db, make_worker(db, storage))
        assert storage.objects == {}

    def test_an_infected_file_is_a_failure_in_the_metrics(
        self, db: FakePorts, storage: FakeStorage, metrics: FakeMetrics
    ) -> None:
        file = upload(db, storage)
        command = RecordScan(
            object_key=file.object_key,
            etag=storage.etag(file.object_key),
            result=ScanResult(Verdict.INFECTED),
            scanned_at=NOON,
        )
        record_scan(command, scans=db.scans, storage=storage, metrics=metrics)
        assert metrics.total(Metric.FAILED, code=MALWARE_FOUND.code) == 1


class TestSweep:
    def sweep(self, db: FakePorts, storage: FakeStorage, settling_time: timedelta = ALREADY_OVER) -> list[str]:
        lost = LostVerdicts(db.scans, storage, FakeMetrics(), settling_time)
        return [outcome.value for action in lost.actions() if (outcome := action()) is not None]

    def add(self, db: FakePorts, storage: FakeStorage, status: str | None) -> File:
        file = add_processed(db)
        storage.store(file.object_key, b"abc", "text/plain")
        db.table.rows[file.id].update(etag=storage.etag(file.object_key))
        if status is not None:
            storage.tags_by_key[file.object_key] = {TAG: status, "other": "tag"}
        return reload(db, file)

    @pytest.mark.parametrize("verdict", ["NO_THREATS_FOUND", "UNSUPPORTED", "FAILED", "ACCESS_DENIED"])
    def test_a_lost_verdict_is_read_from_the_tag(self, db: FakePorts, storage: FakeStorage, verdict: str) -> None:
        file = self.add(db, storage, verdict)
        assert self.sweep(db, storage, timedelta(minutes=5)) == []
        assert self.sweep(db, storage) == [SweepOutcome.VERDICT_LOST]
        scan = reload(db, file).current_scan
        assert scan is not None
        assert scan.verdict is to_verdict(verdict)
        before = storage.requests
        assert self.sweep(db, storage) == []
        assert storage.requests == before

    def test_a_known_verdict_is_not_recorded_again_while_the_row_is_about_an_earlier_object(
        self, db: FakePorts, storage: FakeStorage
    ) -> None:
        file = self.add(db, storage, "NO_THREATS_FOUND")
        record(db, storage, file, Verdict.CLEAN)
        db.table.rows[file.id].update(etag="of the earlier object")
        before = reload(db, file)
        assert self.sweep(db, storage) == []
        assert reload(db, file).version == before.version
        requests = storage.requests
        assert self.sweep(db, storage) == []
        assert storage.requests == requests

    def test_a_file_whose_tag_says_malware_is_rejected(self, db: FakePorts, storage: FakeStorage) -> None:
        file = self.add(db, storage, "THREATS_FOUND")
        assert self.sweep(db, storage) == [SweepOutcome.VERDICT_LOST]
        assert (reload(db, file).status, storage.objects) == (Status.REJECTED, {})

    def test_a_file_without_a_tag_or_an_object_waits_longer_each_time(
        self, db: FakePorts, storage: FakeStorage
    ) -> None:
        files = [self.add(db, storage, None), self.add(db, storage, None)]
        storage.delete(files[1].object_key)
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        for file in files:
            db.table.rows[file.id].update(processed_at=hour_ago)
        assert self.sweep(db, storage) == []
        for file in files:
            check_at = db.table.rows[file.id].scan_check_at
            assert check_at is not None
            assert timedelta(minutes=59) < check_at - datetime.now(UTC) < timedelta(minutes=61)
        before = storage.requests
        assert self.sweep(db, storage) == []
        assert storage.requests == before
