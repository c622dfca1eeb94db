"""The use cases on a real database and a bucket in memory, where any call to a port may fail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from hashlib import md5
from itertools import count
from typing import Any, BinaryIO
from uuid import UUID

import uuid_utils.compat as uuids
from sqlalchemy import update

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError, RejectedContentError, ServiceError
from chalicelib.core.files.delete_file import DeleteFile, delete_file
from chalicelib.core.files.model import Analysis, AnalyzedObject, Checksum, Failure, File
from chalicelib.core.files.object_keys import UPLOADS_PREFIX, object_key
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.processing.admission import Admission
from chalicelib.core.processing.analysis import Analyzer, ProcessorFns
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.storage import PartRef
from chalicelib.core.sweep.reconcile import Reconciliation
from chalicelib.core.sweep.sweep import Sweep
from chalicelib.core.uploads.upload_file import ReceivedFile, UploadFile, upload_file
from chalicelib.http.s3_events import SEQUENCER_LENGTH
from chalicelib.migrations.tables import (
    bucket_scans,
    feeds,
    files,
    history,
    reprocess_marks,
    tombstones,
    usage,
)
from tests.database_access import connect_to
from tests.database_ports import DatabasePorts, postgres_ports
from tests.fakes.metrics import FakeMetrics
from tests.fakes.storage import FakeResponse, FakeStorage
from tests.samples import OWNER, same_limits

LEASE = timedelta(minutes=1)
GRACE_PERIOD = timedelta(seconds=30)
NAME = "a.txt"

ALL_FILES = f"SELECT {FILE_COLUMNS} FROM files WHERE owner = %(owner)s"  # noqa: S608  # no input
"""Read after each step. Building the statement of a list takes longer than running this one."""

BAD = b"bad"
"""The beginning of bad content."""


class Killed(BaseException):
    """The function is killed: it runs no further, not even an `except` or a `finally`."""


@dataclass(frozen=True)
class Interruption:
    """What happens before a call to a port, by the call's number, while the use case waits."""

    at: int
    action: Callable[[], object]


@dataclass(frozen=True)
class Fault:
    """What happens at a call to a port, by the call's number. Nothing without a number."""

    at: int | None = None
    killed: bool = True
    after: bool = False
    """The call takes effect, and only its response is lost."""


class FailingPort:
    """A port whose calls may fail."""

    def __init__(self, port: Any, model: "Model") -> None:
        self._port, self._model = port, model

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        return lambda *args, **kwargs: self._model.call(lambda: call(*args, **kwargs))


class Bucket(FakeStorage):
    """A bucket that sends an event for each object. The parts of its multipart uploads may be small, and the ETag
    of each object is the MD5 of its bytes."""

    def __init__(self) -> None:
        super().__init__(min_part_size=0)
        self.events: list[ObjectRef] = []
        self._numbers = count(1)

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        etag = super().put(key, body, media_type, checksum)
        if key.startswith(UPLOADS_PREFIX):
            self._notify(key, body)
        return etag

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        response = super().send(method, url, headers, body)
        if response.status == 200 and not self.signed[url].upload_id:
            self._notify(self.signed[url].key, body)
        return response

    def complete_multipart_upload(
        self, key: str, upload_id: str, parts: Sequence[PartRef], *, size: int | None, checksum: Checksum | None
    ) -> str:
        was_open = upload_id in self.open_uploads
        super().complete_multipart_upload(key, upload_id, parts, size=size, checksum=checksum)
        self.composite_etags.pop(key, None)
        if was_open:
            self._notify(key, self.objects[key][0])
        return self.etag(key)

    def put_by_another_tool(self, key: str, body: bytes) -> None:
        self.store(key, body, "text/plain")
        self._notify(key, body)

    def _notify(self, key: str, body: bytes) -> None:
        sequencer = f"{next(self._numbers):06X}".ljust(SEQUENCER_LENGTH, "0")
        self.events.append(ObjectRef(key, etag_of(body), len(body), sequencer))


@dataclass
class Model:
    """The service, and what clients know of their files."""

    database: Database
    bucket: Bucket = field(default_factory=Bucket)
    accepted: dict[UUID, str] = field(default_factory=dict)
    """The object keys of files whose upload returned 201 and that weren't deleted since, by id."""
    unacknowledged: dict[UUID, str] = field(default_factory=dict)
    """The object keys of other files that may have a row, by id."""
    replaced: set[str] = field(default_factory=set)
    """The object keys of files whose object another tool has put."""
    deleted: set[UUID] = field(default_factory=set)
    slow: list[tuple[File, Analysis | Failure | RejectedContentError, AnalyzedObject | None]] = field(
        default_factory=list
    )
    """What slow workers have claimed and analyzed, and not stored yet."""
    fault: Fault = Fault()
    interruption: Interruption | None = None
    calls: int = 0

    def __post_init__(self) -> None:
        with connect_to(self.database) as connection:
            for table in (files, tombstones, history, feeds, bucket_scans, reprocess_marks, usage):
                connection.execute(table.delete())  # of files first: it adds to the history
        self.db = postgres_ports(self.database)
        failing: dict[str, Any] = {
            port.name: FailingPort(getattr(self.db, port.name), self) for port in fields(DatabasePorts)
        }
        self.failing_db = DatabasePorts(**failing)
        failing_bucket: Any = FailingPort(self.bucket, self)
        self.failing_bucket = failing_bucket
        self.use_quotas(UNLIMITED)

    def use_quotas(self, quotas: Quotas) -> None:
        """Let all owners have these quotas from now on."""
        self.quotas = quotas
        admission = Admission(same_limits(quotas=quotas), self.failing_db.queue)
        functions, failing_bucket = ProcessorFns(describe, detect_only), self.failing_bucket
        self._analyzer = Analyzer(self.bucket, functions, admission, max_checksum_bytes=1000)
        analyzer = Analyzer(failing_bucket, functions, admission, max_checksum_bytes=1000)
        self._worker = Worker(self.failing_db.queue, failing_bucket, analyzer, FakeMetrics(), OWNER)

    def call(self, action: Callable[[], Any]) -> Any:
        """Make a call to a port, unless it is the one that fails."""
        self.calls += 1
        if self.interruption is not None and self.interruption.at == self.calls:
            interruption, self.interruption = self.interruption, None
            interruption.action()
        if self.fault.at != self.calls:
            return action()
        if self.fault.after:
            action()
        raise Killed if self.fault.killed else ServiceError(UNREADABLE_IMAGE)

    def attempt(self, action: Callable[[], object], fault: Fault) -> bool:
        """Run a function that may fail, and return whether it ended normally."""
        outer = self.fault, self.calls
        self.fault, self.calls = fault, 0
        try:
            action()
        except (Killed, ServiceError):
            return False
        finally:
            self.fault, self.calls = outer
        return True

    # Actions

    def upload(self, body: bytes, fault: Fault) -> None:
        file_id = uuids.uuid7()
        upload = ReceivedFile(NAME, "text/plain", body)
        ports: Any = {"files": self.failing_db.files, "storage": self.failing_bucket, "metrics": FakeMetrics()}
        ports["limits"] = same_limits(quotas=self.quotas)
        acknowledged = self.attempt(lambda: upload_file(UploadFile(OWNER, file_id, upload), **ports), fault)
        (self.accepted if acknowledged else self.unacknowledged)[file_id] = object_key(file_id, NAME)

    def deliver(self, event: ObjectRef, fault: Fault) -> None:
        self.attempt(lambda: self._worker.process_all([event], LEASE), fault)

    def begin(self, event: ObjectRef) -> None:
        """Let a worker claim the file and analyze its object, but not store the result yet."""
        claimed = self.db.queue.claim(event, LEASE)
        if claimed is None:
            return
        try:
            self.slow.append((claimed, *self._analyzer.analyze(claimed, event)))
        except RejectedContentError as error:
            self.slow.append((claimed, error, None))

    def end(self, number: int) -> None:
        """Let a slow worker store its result, however old it is."""
        claimed, outcome, content = self.slow.pop(number)
        if not isinstance(outcome, RejectedContentError):
            self.db.queue.finish(claimed, outcome, content)
        elif self.db.queue.reject(claimed, Failure(outcome.kind.code, outcome.message)):
            self.bucket.delete(claimed.object_key)

    def sweep(self, fault: Fault) -> None:
        reconciliation = Reconciliation(self._worker, self.failing_db.bucket_scan, settling_time=10 * GRACE_PERIOD)
        sweep = Sweep(
            self._worker,
            self.failing_db.tombstones,
            reconciliation,
            self.failing_db.computed_columns,
            self.failing_db.reprocess_queue,
            self.failing_db.sweep_records,
            lambda: timedelta(minutes=5),
            GRACE_PERIOD,
        )
        self.attempt(sweep.run, fault)

    def delete(self, file_id: UUID, fault: Fault) -> None:
        ports: Any = {
            "files": self.failing_db.files,
            "tombstones": self.failing_db.tombstones,
            "storage": self.failing_bucket,
        }
        self.attempt(lambda: delete_file(DeleteFile(OWNER, file_id), **ports), fault)
        self.note_deletion(file_id)

    def note_deletion(self, file_id: UUID) -> None:
        """Forget the file if it has no row any more."""
        if self.db.files.get(OWNER, file_id) is None:
            self.accepted.pop(file_id, None)
            self.unacknowledged.pop(file_id, None)
            self.deleted.add(file_id)

    def advance_time(self, passed: timedelta = timedelta(hours=1)) -> None:
        """Let leases and uploads expire, and waiting files become due."""
        times = ("status_since", "lease_until", "created_at", "check_at", "expires_at", "queued_at")
        columns = [files.c[name] for name in times]
        with connect_to(self.database) as connection:
            connection.execute(update(files).values({column: column - passed for column in columns}))
            connection.execute(update(tombstones).values(deleted_at=tombstones.c.deleted_at - passed))

    # State

    def usage_of_files(self) -> tuple[int, int]:
        """Return the files that count and their bytes, as the rows have them."""
        counted = [file for file in self.files() if file.status not in {Status.EXPIRED, Status.REJECTED}]
        return len(counted), sum(file.size or 0 for file in counted)

    def files(self) -> list[File]:
        return [to_file(row) for row in self.database.read(ALL_FILES, {"owner": OWNER})]

    def objects(self, prefix: str) -> set[str]:
        return {key for key in self.bucket.objects if key.startswith(prefix)}

    def content(self, key: str) -> bytes | None:
        return self.bucket.objects[key][0] if key in self.bucket.objects else None


def etag_of(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()


def detect_only(source: BinaryIO, size: int, *_: object) -> Analysis:
    return describe(source, size)


def describe(source: BinaryIO, size: int, *_: object) -> Analysis:
    """Return the content's ETag as result and the content as thumbnail, so that both show which object they are
    of."""
    body = source.read()
    assert len(body) == size
    if body.startswith(BAD):
        raise BadContentError(UNREADABLE_IMAGE)
    return Analysis(detected_type="text/plain", result={"etag": etag_of(body)}, thumbnail=body or None)
