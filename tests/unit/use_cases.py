"""Run use cases on fakes."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import BinaryIO

import uuid_utils.compat as uuids

from chalicelib.core.files.model import Analysis, File
from chalicelib.core.limits.model import Limits
from chalicelib.core.metrics import Metrics
from chalicelib.core.processing.admission import Admission
from chalicelib.core.processing.analysis import AnalyzeFn, Analyzer, ProcessorFns
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.scanning.ports import Scanner
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.sweep.reconcile import Reconciliation
from chalicelib.core.sweep.sweep import Sweep
from chalicelib.core.uploads.upload_file import ReceivedFile, UploadFile, upload_file
from tests.database_ports import ALREADY_OVER, DatabasePorts
from tests.fakes.metrics import FakeMetrics
from tests.fakes.storage import FakeStorage
from tests.samples import OWNER, same_limits

LEASE = timedelta(minutes=1)


def five_minutes() -> timedelta:
    return timedelta(minutes=5)


def analyze(source: BinaryIO, size: int, *_: object) -> Analysis:
    return Analysis(detected_type="text/plain", result={"read": len(source.read()), "size": size})


def detect_only(_source: BinaryIO, size: int, *_: object) -> Analysis:
    return Analysis(detected_type="text/plain", result={"skipped": size})


def make_worker(
    db: DatabasePorts,
    storage: FakeStorage,
    analyze: AnalyzeFn = analyze,
    metrics: Metrics | None = None,
    owner_limits: Limits | None = None,
    scanner: Scanner | None = None,
) -> Worker:
    admission = Admission(owner_limits or same_limits(), db.queue)
    analyzer = Analyzer(
        storage, ProcessorFns(analyze, detect_only), admission, max_checksum_bytes=1000, scanner=scanner
    )
    return Worker(db.queue, storage, analyzer, metrics or FakeMetrics(), default_owner=OWNER)


def run_sweep(
    db: DatabasePorts,
    worker: Worker,
    grace_period: timedelta = ALREADY_OVER,
    remaining: Callable[[], timedelta] = five_minutes,
) -> Counter[SweepOutcome]:
    reconciliation = Reconciliation(worker, db.bucket_scan, settling_time=ALREADY_OVER)
    return Sweep(
        worker,
        db.tombstones,
        reconciliation,
        db.computed_columns,
        db.reprocess_queue,
        db.sweep_records,
        remaining,
        grace_period,
    ).run()


def upload(db: DatabasePorts, storage: FakeStorage, body: bytes = b"hello") -> File:
    command = UploadFile(OWNER, uuids.uuid7(), ReceivedFile("a.txt", "text/plain", body))
    return upload_file(command, files=db.files, storage=storage, metrics=FakeMetrics(), limits=same_limits())
