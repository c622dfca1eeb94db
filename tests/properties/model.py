"""The rules on a real database, with a bucket in memory, where anything may break at any call."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import timedelta
from hashlib import md5
from itertools import count
from typing import Any, BinaryIO
from uuid import UUID

import uuid_utils.compat as uuids
from sqlalchemy import update

from chalicelib.adapters.postgres import Database, PostgresHistory
from chalicelib.adapters.postgres.tables import files, tombstones
from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError, ServiceError
from chalicelib.core.files import delete_file
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import Analysis, Checksum, Failure, File, ObjectFacts
from chalicelib.core.files.object_keys import UPLOADS, object_key
from chalicelib.core.processing.analysis import Analyzer, ProcessorFns
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.sweep.reconcile import Reconciliation
from chalicelib.core.sweep.sweep import Sweep
from chalicelib.core.uploads import upload_file
from chalicelib.core.uploads.upload_file import Upload
from chalicelib.http.s3_events import SEQUENCER_LENGTH
from tests.database_ports import DatabasePorts, postgres_ports
from tests.fakes.metrics import FakeMetrics
from tests.fakes.storage import FakeStorage
from tests.samples import OWNER

LEASE = timedelta(minutes=1)
GRACE_PERIOD = timedelta(seconds=30)
NAME = "a.txt"

BAD = b"bad"
"""What a file begins with whose content is at fault."""


class Killed(BaseException):
    """The function dies here: nothing of it runs any more, no `except` and no `finally` that does something."""


@dataclass(frozen=True)
class Fault:
    """What happens at the so-many-th call to the database or the storage. Without a number nothing does."""

    at: int | None = None
    killed: bool = True
    after: bool = False
    """The call takes effect, and only its answer is lost."""


class Fragile:
    """A port whose calls may break."""

    def __init__(self, port: Any, world: "World") -> None:
        self._port, self._world = port, world

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        return lambda *args, **kwargs: self._world.call(lambda: call(*args, **kwargs))


class Bucket(FakeStorage):
    """A bucket that sends an event for each object."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[ObjectRef] = []
        self._numbers = count(1)

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        etag = super().put(key, body, media_type, checksum)
        if key.startswith(UPLOADS):
            self._send(key, body)
        return etag

    def put_from_elsewhere(self, key: str, body: bytes) -> None:
        self.objects[key] = (body, "text/plain")
        self._send(key, body)

    def _send(self, key: str, body: bytes) -> None:
        sequencer = f"{next(self._numbers):06X}".ljust(SEQUENCER_LENGTH, "0")
        self.events.append(ObjectRef(key, etag_of(body), len(body), sequencer))


@dataclass
class World:
    """All that there is, and what has to be true of it."""

    database: Database
    bucket: Bucket = field(default_factory=Bucket)
    accepted: dict[UUID, str] = field(default_factory=dict)
    """The object keys of files that were answered with 201, by id, until somebody deletes them."""
    unanswered: dict[UUID, str] = field(default_factory=dict)
    deleted: set[UUID] = field(default_factory=set)
    slow: list[tuple[File, Analysis | Failure, ObjectFacts | None]] = field(default_factory=list)
    """What workers have claimed and seen, and not stored yet."""
    fault: Fault = Fault()
    calls: int = 0

    def __post_init__(self) -> None:
        with self.database.engine.connect() as connection:
            connection.exec_driver_sql("TRUNCATE files, tombstones, history, feeds, inventory, outdated")
        self.db = postgres_ports(self.database)
        self.history = PostgresHistory(self.database)
        fragile: dict[str, Any] = {
            port.name: Fragile(getattr(self.db, port.name), self) for port in fields(DatabasePorts)
        }
        self._db = DatabasePorts(**fragile)
        fragile_bucket: Any = Fragile(self.bucket, self)
        self._storage = fragile_bucket
        self._analyzer = Analyzer(self.bucket, ProcessorFns(describe, detect_only), max_checksum_bytes=1000)
        analyzer = Analyzer(fragile_bucket, ProcessorFns(describe, detect_only), max_checksum_bytes=1000)
        self._worker = Worker(self._db.queue, fragile_bucket, analyzer, FakeMetrics(), OWNER)

    def call(self, action: Callable[[], Any]) -> Any:
        """Make a call to a port, unless it is the one that breaks."""
        self.calls += 1
        if self.fault.at != self.calls:
            return action()
        if self.fault.after:
            action()
        raise Killed if self.fault.killed else ServiceError(UNREADABLE_IMAGE)

    def _attempt(self, action: Callable[[], object], fault: Fault) -> bool:
        """Run a function that may break, and tell whether it came to its end."""
        self.fault, self.calls = fault, 0
        try:
            action()
        except (Killed, ServiceError):
            return False
        finally:
            self.fault = Fault()
        return True

    # What may happen

    def upload(self, body: bytes, fault: Fault) -> None:
        file_id = uuids.uuid7()
        handed_in = Upload(NAME, "text/plain", body)
        ports: Any = {"files": self._db.files, "storage": self._storage, "metrics": FakeMetrics()}
        answered = self._attempt(
            lambda: upload_file.upload_file(upload_file.UploadFile(OWNER, file_id, handed_in), **ports), fault
        )
        (self.accepted if answered else self.unanswered)[file_id] = object_key(file_id, NAME)

    def deliver(self, event: ObjectRef, fault: Fault) -> None:
        self._attempt(lambda: self._worker.process_all([event], LEASE), fault)

    def begin(self, event: ObjectRef) -> None:
        """Let a worker claim the file and look at its object, and be slow from then on."""
        claimed = self.db.queue.claim(event, LEASE)
        if claimed is not None:
            self.slow.append((claimed, *self._analyzer.analyze(claimed, event)))

    def end(self, number: int) -> None:
        """Let a slow worker store what it saw, however long ago that was."""
        claimed, outcome, content = self.slow.pop(number)
        self.db.queue.finish(claimed, outcome, content)

    def sweep(self, fault: Fault) -> None:
        reconciliation = Reconciliation(self._worker, self._db.bucket_scan, settling_time=10 * GRACE_PERIOD)
        sweep = Sweep(
            self._worker,
            self._db.tombstones,
            reconciliation,
            self._db.reprocess_queue,
            lambda: timedelta(minutes=5),
            GRACE_PERIOD,
        )
        self._attempt(sweep.run, fault)

    def delete(self, file_id: UUID, fault: Fault) -> None:
        ports: Any = {"files": self._db.files, "tombstones": self._db.tombstones, "storage": self._storage}
        self._attempt(lambda: delete_file.delete_file(delete_file.DeleteFile(OWNER, file_id), **ports), fault)
        if self.db.files.get(OWNER, file_id) is None:
            self.accepted.pop(file_id, None)
            self.unanswered.pop(file_id, None)
            self.deleted.add(file_id)

    def let_time_pass(self, passed: timedelta = timedelta(hours=1)) -> None:
        """Leases end, announcements expire, and what waits is due."""
        columns = (files.c.status_since, files.c.lease_until, files.c.expires_at, files.c.queued_at)
        with self.database.engine.connect() as connection:
            connection.execute(update(files).values({column: column - passed for column in columns}))
            connection.execute(update(tombstones).values(deleted_at=tombstones.c.deleted_at - passed))

    # What can be seen

    def files(self) -> list[File]:
        return self.db.files.list(OWNER, ListQuery(limit=1000))

    def objects(self, prefix: str) -> set[str]:
        return {key for key in self.bucket.objects if key.startswith(prefix)}

    def content(self, key: str) -> bytes | None:
        return self.bucket.objects[key][0] if key in self.bucket.objects else None


def etag_of(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()


def detect_only(source: BinaryIO, size: int, *_: object) -> Analysis:
    return describe(source, size)


def describe(source: BinaryIO, size: int, *_: object) -> Analysis:
    """Tell all that there is in the file, so that a result shows which object it is about. The thumbnail, too."""
    body = source.read()
    assert len(body) == size
    if body.startswith(BAD):
        raise BadContentError(UNREADABLE_IMAGE)
    return Analysis(detected_type="text/plain", result={"etag": etag_of(body)}, thumbnail=body or None)
