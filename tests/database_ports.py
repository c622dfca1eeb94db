"""The ports to the database, all on one database: a real one, or a fake one."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.adapters.postgres.bucket_scan import PostgresBucketScan
from chalicelib.adapters.postgres.computed_columns import PostgresComputedColumns
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.file_counts import PostgresFileCounts
from chalicelib.adapters.postgres.files import PostgresFiles
from chalicelib.adapters.postgres.history import PostgresHistory
from chalicelib.adapters.postgres.long_polls import PostgresLongPolls
from chalicelib.adapters.postgres.processing_queue import PostgresProcessingQueue
from chalicelib.adapters.postgres.reprocess_queue import PostgresReprocessQueue
from chalicelib.adapters.postgres.request_rates import PostgresRequestRates
from chalicelib.adapters.postgres.scans import PostgresScans
from chalicelib.adapters.postgres.sweep_records import PostgresSweepRecords
from chalicelib.adapters.postgres.tokens import PostgresTokens
from chalicelib.adapters.postgres.tombstones import PostgresTombstones
from chalicelib.adapters.postgres.uploads import PostgresUploads
from chalicelib.adapters.postgres.usage import PostgresUsageCounts
from chalicelib.core.accounts.ports import Tokens
from chalicelib.core.administration.ports import FileCounts, SweepRecords
from chalicelib.core.changes.history import History
from chalicelib.core.files.model import Analysis, Failure, File
from chalicelib.core.files.ports import Files, LongPolls, Tombstones
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.ports import RequestRates, UsageCounts
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import ProcessingQueue, ReprocessQueue
from chalicelib.core.scanning.ports import Scans
from chalicelib.core.sweep.ports import BucketScan, ComputedColumns
from chalicelib.core.uploads.ports import Uploads
from tests.fakes.bucket_scan import FakeBucketScan
from tests.fakes.computed_columns import FakeComputedColumns
from tests.fakes.file_counts import FakeFileCounts
from tests.fakes.files import FakeFiles, FakeTombstones
from tests.fakes.history import FakeHistory
from tests.fakes.long_polls import FakeLongPolls
from tests.fakes.processing_queue import FakeProcessingQueue
from tests.fakes.reprocess_queue import FakeReprocessQueue
from tests.fakes.request_rates import FakeRequestRates
from tests.fakes.scans import FakeScans
from tests.fakes.sweep_records import FakeSweepRecords
from tests.fakes.table import Table
from tests.fakes.tokens import FakeTokens
from tests.fakes.uploads import FakeUploads
from tests.fakes.usage_counts import FakeUsageCounts
from tests.samples import ANALYZED_OBJECT, OWNER, analysis, new_file

MINUTE = timedelta(minutes=1)
ALREADY_OVER = timedelta(seconds=-1)
AT_ONCE = timedelta(0)
MAX_LONG_POLLS = 3


@dataclass
class DatabasePorts:
    """All ports to one database."""

    files: Files
    uploads: Uploads
    tombstones: Tombstones
    queue: ProcessingQueue
    reprocess_queue: ReprocessQueue
    bucket_scan: BucketScan
    computed_columns: ComputedColumns
    history: History
    long_polls: LongPolls
    usage_counts: UsageCounts
    tokens: Tokens
    request_rates: RequestRates
    scans: Scans
    file_counts: FileCounts
    sweep_records: SweepRecords


def postgres_ports(database: Database) -> DatabasePorts:
    return DatabasePorts(
        PostgresFiles(database),
        PostgresUploads(database),
        PostgresTombstones(database),
        PostgresProcessingQueue(database),
        PostgresReprocessQueue(database),
        PostgresBucketScan(database),
        PostgresComputedColumns(database),
        PostgresHistory(database),
        PostgresLongPolls(database, MAX_LONG_POLLS),
        PostgresUsageCounts(database),
        PostgresTokens(database),
        PostgresRequestRates(database),
        PostgresScans(database),
        PostgresFileCounts(database),
        PostgresSweepRecords(database),
    )


@dataclass
class FakePorts(DatabasePorts):
    """All ports to one fake database, which a test may look into."""

    queue: FakeProcessingQueue
    table: Table


def fake_ports() -> FakePorts:
    """Return fakes that share an empty table."""
    table, request_rates = Table(), FakeRequestRates()
    reprocess_queue = FakeReprocessQueue(table)
    return FakePorts(
        FakeFiles(table),
        FakeUploads(table),
        FakeTombstones(table),
        FakeProcessingQueue(table),
        reprocess_queue,
        FakeBucketScan(table),
        FakeComputedColumns(table),
        FakeHistory(table),
        FakeLongPolls(MAX_LONG_POLLS),
        FakeUsageCounts(table),
        FakeTokens(request_rates=request_rates),
        request_rates,
        FakeScans(table),
        FakeFileCounts(table, reprocess_queue),
        FakeSweepRecords(),
        table,
    )


def add_uploaded(db: DatabasePorts, name: str = "a.txt", *, size: int = 3, owner: str = OWNER) -> File:
    """Add a file in `uploaded` and return it."""
    new = new_file(name, size=size, owner=owner)
    db.files.add(new, MINUTE)
    file = db.files.mark_uploaded(owner, new.id, "etag")
    assert file is not None
    return file


def claim_file(db: DatabasePorts, file: File, lease: timedelta = MINUTE) -> File:
    """Claim the file, which must be possible, and return it."""
    claimed = db.queue.claim(ObjectRef(file.object_key), lease)
    assert claimed is not None
    return claimed


def finish_file(db: DatabasePorts, file: File, outcome: Analysis | Failure) -> File:
    """Claim the file and finish it, which must be possible, and return it."""
    finished = db.queue.finish(claim_file(db, file), outcome, ANALYZED_OBJECT)
    assert finished is not None
    return finished


def reload(db: DatabasePorts, file: File) -> File:
    """Return the file as it is now."""
    current = db.files.get(file.owner, file.id)
    assert current is not None
    return current


def event(file: File, etag: str, sequencer: str | None) -> ObjectRef:
    """Return what an event reports of an object under the file's key; without a sequencer, what a listing does."""
    return ObjectRef(file.object_key, etag, 3, sequencer)


def add_processed(db: DatabasePorts, name: str = "a.txt", sequencer: str | None = "5", owner: str = OWNER) -> File:
    """Add a file in `processed`, claimed by an event with this sequencer, and return it."""
    file = add_uploaded(db, name, owner=owner)
    claimed = db.queue.claim(event(file, "etag", sequencer), MINUTE)
    assert claimed is not None
    processed = db.queue.finish(claimed, analysis(), ANALYZED_OBJECT)
    assert processed is not None
    assert processed.status is Status.PROCESSED
    return processed
