"""Objects that have arrived, and may not stay: their size, their owner's quotas, their type."""

from collections.abc import Callable
from typing import Any, BinaryIO

import pytest
import uuid_utils.compat as uuids
from msgspec.structs import replace

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import Analysis, File
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import Limits, OwnerLimits, Quotas
from chalicelib.core.processing.admission import Admission
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from tests.database_ports import MINUTE, FakePorts, add_uploaded, reload
from tests.fakes.metrics import FakeMetrics
from tests.fakes.storage import FakeStorage
from tests.samples import OTHER_OWNER, OWNER, new_file
from tests.unit.use_cases import LEASE, make_worker

PNG = Analysis(detected_type="image/png", result={"image": {"width": 1}})

Process = Callable[..., File]


def detect_png(source: BinaryIO, _size: int, *_: object) -> Analysis:
    source.read(1)
    return PNG


def fail_as_png(_source: BinaryIO, _size: int, *_: object) -> Analysis:
    error = BadContentError(UNREADABLE_IMAGE)
    error.partial_analysis = PNG
    raise error


def limited(**limits: Any) -> Limits:
    """Return these limits of OWNER; all others have none."""
    own = OwnerLimits(**{"max_file_bytes": 100, **limits})
    return Limits(OwnerLimits(max_file_bytes=10**9), {OWNER: own})


def with_limits(worker: Worker, limits: Limits) -> Worker:
    return replace(worker, analyzer=replace(worker.analyzer, admission=Admission(limits, worker.queue)))


@pytest.fixture
def process(db: FakePorts, storage: FakeStorage) -> Process:
    def process(worker: Worker, file: File, body: bytes = b"bytes") -> File:
        storage.objects[file.object_key] = (body, "image/png")
        worker.process(ObjectRef(file.object_key, None, len(body), str(uuids.uuid7())), LEASE)
        return reload(db, file)

    return process


def add_unsized(db: FakePorts, owner: str = OWNER) -> File:
    return db.uploads.add(new_file(size=None, owner=owner), MINUTE)


def failure_code(file: File) -> str | None:
    return file.failure.code if file.failure else None


class TestType:
    @pytest.mark.parametrize("analyze", [detect_png, fail_as_png])
    @pytest.mark.parametrize("limits", [{"denied_types": ("image/*",)}, {"allowed_types": ("text/*",)}])
    def test_a_file_of_another_type_is_rejected_and_deleted_be_it_intact_or_not(
        self, db: FakePorts, storage: FakeStorage, process: Process, analyze: Any, limits: dict[str, Any]
    ) -> None:
        worker = make_worker(db, storage, analyze, owner_limits=limited(**limits))
        file = process(worker, add_uploaded(db))
        assert (file.status, failure_code(file)) == (Status.REJECTED, "type_not_allowed")
        assert file.failure is not None
        assert "`image/png`" in file.failure.message
        assert storage.objects == {}
        assert db.usage_counts.get(OWNER).files == 0

    def test_an_allowed_type_stays_also_if_it_fails(
        self, db: FakePorts, storage: FakeStorage, process: Process
    ) -> None:
        limits = limited(allowed_types=("image/*",), denied_types=("image/svg+xml",))
        assert process(make_worker(db, storage, detect_png, owner_limits=limits), add_uploaded(db)).status is (
            Status.PROCESSED
        )
        assert process(make_worker(db, storage, fail_as_png, owner_limits=limits), add_uploaded(db)).status is (
            Status.FAILED
        )

    def test_another_owners_files_may_have_another_type(
        self, db: FakePorts, storage: FakeStorage, process: Process
    ) -> None:
        worker = make_worker(db, storage, detect_png, owner_limits=limited(denied_types=("image/*",)))
        assert process(worker, add_uploaded(db, owner=OTHER_OWNER)).status is Status.PROCESSED

    def test_a_file_that_crashed_its_workers_is_checked_too(
        self, db: FakePorts, storage: FakeStorage, process: Process
    ) -> None:
        worker = make_worker(db, storage, detect_png, owner_limits=limited(denied_types=("text/plain",)))
        file = add_uploaded(db)
        db.table.rows[file.id].update(worker_crashes=3)
        assert failure_code(process(worker, file)) == "type_not_allowed"

    def test_what_was_accepted_stays_under_new_limits(
        self, db: FakePorts, storage: FakeStorage, process: Process
    ) -> None:
        worker = make_worker(db, storage, detect_png)
        processed = process(worker, add_uploaded(db))
        db.files.requeue(OWNER, processed.id)
        strict = with_limits(worker, limited(denied_types=("image/*",), max_file_bytes=1))
        strict.process(ObjectRef(processed.object_key), LEASE)
        assert reload(db, processed).status is Status.PROCESSED

    def test_a_new_object_under_its_key_does_not(
        self, db: FakePorts, storage: FakeStorage, process: Process
    ) -> None:
        worker = make_worker(db, storage, detect_png)
        processed = process(worker, add_uploaded(db))
        strict = with_limits(worker, limited(denied_types=("image/*",)))
        storage.objects[processed.object_key] = (b"other", "image/png")
        head = storage.head(processed.object_key)
        assert head is not None
        strict.process(ObjectRef(processed.object_key, head.etag, head.size, "~"), LEASE)
        assert failure_code(reload(db, processed)) == "type_not_allowed"


class TestSize:
    @pytest.mark.parametrize("quotas", [Quotas(max_stored_bytes=8), Quotas(max_bytes_per_day=8)])
    def test_a_file_whose_size_was_not_told_is_rejected_when_it_exceeds_a_quota(
        self, db: FakePorts, storage: FakeStorage, process: Process, quotas: Quotas
    ) -> None:
        worker = make_worker(db, storage, owner_limits=limited(quotas=quotas))
        first, second = process(worker, add_unsized(db)), process(worker, add_unsized(db))
        assert first.status is Status.PROCESSED
        assert (second.status, failure_code(second)) == (Status.REJECTED, "quota_exceeded")
        assert list(storage.objects) == [first.object_key]
        usage = db.usage_counts.get(OWNER)
        assert (usage.files, usage.bytes, usage.bytes_today) == (1, 5, 5)

    def test_a_file_that_grows_is_rejected_when_it_exceeds_a_quota(
        self, db: FakePorts, storage: FakeStorage, process: Process
    ) -> None:
        """As by a second PUT with a URL that names no size."""
        worker = make_worker(db, storage, owner_limits=limited(quotas=Quotas(max_stored_bytes=8)))
        file = process(worker, add_unsized(db))
        storage.objects[file.object_key] = (b"nine bytes", "text/plain")
        worker.process(ObjectRef(file.object_key, "other", 10, "~"), LEASE)
        assert failure_code(reload(db, file)) == "quota_exceeded"
        assert db.usage_counts.get(OWNER).bytes == 0

    def test_the_largest_file_is_the_owners(self, db: FakePorts, storage: FakeStorage, process: Process) -> None:
        worker = make_worker(db, storage, owner_limits=limited(max_file_bytes=4))
        assert failure_code(process(worker, add_unsized(db))) == "file_too_large"
        assert process(worker, add_unsized(db, OTHER_OWNER)).status is Status.PROCESSED


class TestAdoption:
    @pytest.mark.parametrize(
        "quotas", [Quotas(max_files=0), Quotas(max_stored_bytes=4), Quotas(max_files_per_day=0)]
    )
    def test_an_object_over_a_quota_is_rejected_and_deleted(
        self, db: FakePorts, storage: FakeStorage, quotas: Quotas
    ) -> None:
        metrics = FakeMetrics()
        worker = make_worker(db, storage, metrics=metrics, owner_limits=limited(quotas=quotas))
        storage.objects["uploads/another.txt"] = (b"bytes", "text/plain")
        assert worker.process(ObjectRef("uploads/another.txt"), LEASE) is None
        [file] = db.files.list(OWNER, ListQuery()).files
        assert (file.status, failure_code(file), file.size) == (Status.REJECTED, "quota_exceeded", 5)
        assert storage.objects == {}
        assert db.usage_counts.get(OWNER).files == 0
        assert [(metric.value, fields) for metric, _, fields in metrics.added] == [
            ("Failed", {"code": "quota_exceeded"})
        ]

    def test_one_within_them_counts_once(self, db: FakePorts, storage: FakeStorage) -> None:
        quotas = Quotas(max_files=1, max_stored_bytes=5, max_files_per_day=1, max_bytes_per_day=5)
        worker = make_worker(db, storage, owner_limits=limited(quotas=quotas))
        storage.objects["uploads/another.txt"] = (b"bytes", "text/plain")
        for _ in range(2):
            worker.process(ObjectRef("uploads/another.txt"), LEASE)
        usage = db.usage_counts.get(OWNER)
        assert (usage.files, usage.bytes, usage.files_today, usage.bytes_today) == (1, 5, 1, 5)
