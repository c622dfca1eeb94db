"""What the tests of the use cases share."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import BinaryIO

import uuid_utils.compat as uuids

from chalicelib.core.files.model import Analysis, File
from chalicelib.core.metrics import Metrics
from chalicelib.core.processing.analysis import AnalyzeFn, Analyzer, ProcessorFns
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.sweep.reconcile import Reconciliation
from chalicelib.core.sweep.sweep import Sweep
from chalicelib.core.uploads import upload_file
from chalicelib.core.uploads.upload_file import Upload
from tests.fake_metrics import FakeMetrics
from tests.fake_rows import FakeRows
from tests.fake_storage import FakeStorage
from tests.samples import OWNER

LEASE = timedelta(minutes=1)
ALREADY_OVER = timedelta(seconds=-1)


def plenty() -> timedelta:
    return timedelta(minutes=5)


def analyze(source: BinaryIO, size: int, *_: object) -> Analysis:
    return Analysis(detected_type="text/plain", result={"read": len(source.read()), "size": size})


def detect_only(_source: BinaryIO, size: int, *_: object) -> Analysis:
    return Analysis(detected_type="text/plain", result={"skipped": size})


def worker_of(
    rows: FakeRows, storage: FakeStorage, analyze: AnalyzeFn = analyze, metrics: Metrics | None = None
) -> Worker:
    analyzer = Analyzer(storage, ProcessorFns(analyze, detect_only), max_checksum_bytes=1000)
    return Worker(rows, storage, analyzer, metrics or FakeMetrics(), default_owner=OWNER)


def sweep(
    rows: FakeRows,
    worker: Worker,
    waiting: timedelta = ALREADY_OVER,
    remaining: Callable[[], timedelta] = plenty,
) -> Counter[SweepOutcome]:
    return Sweep(worker, rows, Reconciliation(worker, rows, ALREADY_OVER), rows, remaining, waiting).run()


def hand_in(rows: FakeRows, storage: FakeStorage, body: bytes = b"hello") -> File:
    handed_in = Upload("a.txt", "text/plain", body)
    return upload_file.upload_file(
        upload_file.UploadFile(OWNER, uuids.uuid7(), handed_in), files=rows, storage=storage, metrics=FakeMetrics()
    )


def present(rows: FakeRows, file: File) -> File:
    found = rows.get(OWNER, file.id)
    assert found is not None
    return found
