"""What the sweep does with uploads whose clients have left, and what a worker rejects."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.core.errors import CHECKSUM_MISMATCH, REJECTED_TOO_LARGE
from chalicelib.core.files.model import File
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.admission import Admission
from chalicelib.core.processing.analysis import MAX_ATTEMPTS
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.uploads import limits
from chalicelib.core.uploads.model import Upload
from tests.database_ports import ALREADY_OVER, reload
from tests.samples import OWNER, checksum, same_limits
from tests.unit.announced_uploads import PART, UploadClient
from tests.unit.use_cases import LEASE, make_worker, run_sweep

BODY = bytes(range(256)) + b"x" * 94


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> UploadClient:
    monkeypatch.setattr(limits, "MIN_PART_BYTES", PART)
    monkeypatch.setattr(limits, "MIB", 1)
    return UploadClient()


@pytest.fixture
def worker(client: UploadClient) -> Worker:
    return make_worker(client.db, client.storage)


def let_time_pass(client: UploadClient, upload: Upload, time: timedelta) -> None:
    row = client.db.table.rows[upload.file.id]
    assert row.file.expires_at is not None
    assert row.check_at is not None
    row.update(expires_at=row.file.expires_at - time, created_at=row.file.created_at - time)
    row.check_at -= time


def sweep(client: UploadClient, worker: Worker) -> list[SweepOutcome]:
    return list(run_sweep(client.db, worker))


def status(client: UploadClient, upload: Upload) -> Status:
    return reload(client.db, upload.file).status


class TestAllPartsThere:
    def test_is_completed_and_processed_at_the_first_check(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(350)
        client.put_parts(upload, BODY)
        let_time_pass(client, upload, timedelta(minutes=59))
        assert sweep(client, worker) == []
        let_time_pass(client, upload, timedelta(minutes=2))
        assert sweep(client, worker) == [SweepOutcome.UPLOAD_COMPLETED]
        assert status(client, upload) is Status.PROCESSED
        assert client.storage.objects[upload.file.object_key][0] == BODY

    def test_with_another_checksum_it_expires(self, client: UploadClient, worker: Worker) -> None:
        given = replace(checksum(b"other"), algorithm="crc64nvme")
        upload = client.create(350, checksum=given)
        client.put_parts(upload, BODY)
        let_time_pass(client, upload, timedelta(hours=2))
        assert sweep(client, worker) == []
        let_time_pass(client, upload, timedelta(days=1))
        assert sweep(client, worker) == [SweepOutcome.UPLOAD_ABANDONED]
        assert client.storage.open_uploads == {}

    def test_a_completed_one_without_an_event_is_processed(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        client.storage.complete_multipart_upload(
            upload.file.object_key, upload.file.multipart_upload_id or "", parts, size=350, checksum=None
        )
        let_time_pass(client, upload, timedelta(hours=2))
        assert SweepOutcome.UPLOAD_UNACKNOWLEDGED in sweep(client, worker)
        assert status(client, upload) is Status.PROCESSED


def test_a_whole_file_whose_event_was_lost_is_found_at_the_first_check(
    client: UploadClient, worker: Worker
) -> None:
    """`complete` isn't called after an upload in one request, and the scan of a large bucket takes days."""
    upload = client.create(5)
    assert client.put(upload, b"hello") == 200
    let_time_pass(client, upload, timedelta(minutes=61))
    assert sweep(client, worker) == [SweepOutcome.UPLOAD_UNACKNOWLEDGED]
    assert status(client, upload) is Status.PROCESSED


class TestPartsMissing:
    def test_checks_are_further_and_further_apart(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(350)
        client.put_parts(upload, BODY, 1, 2)
        let_time_pass(client, upload, timedelta(minutes=1))  # so that no check is due at the hour itself
        requests = []
        for _ in range(23):
            let_time_pass(client, upload, timedelta(hours=1))
            before = client.storage.requests
            sweep(client, worker)
            requests.append(client.storage.requests - before > 2)  # more than listing the bucket's two prefixes
        assert sum(requests) in {4, 5}  # after 1, 2 or 3, … hours: each is at twice the age of the one before
        assert status(client, upload) is Status.AWAITING_UPLOAD
        assert len(client.storage.open_uploads) == 1

    def test_it_expires_and_is_aborted(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(350)
        client.put_parts(upload, BODY, 1, 2)
        let_time_pass(client, upload, timedelta(days=1))
        assert sweep(client, worker) == [SweepOutcome.UPLOAD_ABANDONED]
        assert status(client, upload) is Status.EXPIRED
        assert client.storage.open_uploads == {}

    def test_an_outage_leaves_it_for_the_next_sweep(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(350)
        let_time_pass(client, upload, timedelta(days=1))
        client.storage.down = True
        with pytest.raises(Exception, match="storage"):
            run_sweep(client.db, worker)
        assert status(client, upload) is Status.AWAITING_UPLOAD
        client.storage.down = False
        assert sweep(client, worker) == [SweepOutcome.UPLOAD_ABANDONED]
        assert client.storage.open_uploads == {}

    def test_a_part_of_another_size_is_not_completed(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(350)
        client.put_parts(upload, BODY)
        client.storage.put_part(upload.file.multipart_upload_id or "", 1, b"short")
        let_time_pass(client, upload, timedelta(days=1))
        assert sweep(client, worker) == [SweepOutcome.UPLOAD_ABANDONED]

    def test_a_single_upload_expires(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(5)
        let_time_pass(client, upload, timedelta(days=1))
        assert sweep(client, worker) == [SweepOutcome.UPLOAD_ABANDONED]

    def test_bytes_that_come_later_are_processed(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(5)
        let_time_pass(client, upload, timedelta(days=1))
        sweep(client, worker)
        assert client.put(upload, b"hello") == 200
        worker.process(ObjectRef(upload.file.object_key, "etag", 5, "1"), LEASE)
        assert status(client, upload) is Status.PROCESSED


def test_a_deleted_upload_is_aborted_by_the_sweep(client: UploadClient, worker: Worker) -> None:
    upload = client.create(350)
    client.storage.down = True
    with pytest.raises(Exception, match="storage"):
        client.abort(upload.file.id)
    client.storage.down = False
    assert sweep(client, worker) == [SweepOutcome.ORPHANED_OBJECT]
    assert client.storage.open_uploads == {}


def with_limit(worker: Worker, max_file_bytes: int) -> Worker:
    """Return the worker with this limit of all files."""
    admission = Admission(same_limits(max_file_bytes), worker.queue)
    return replace(worker, analyzer=replace(worker.analyzer, admission=admission))


def process(client: UploadClient, worker: Worker, upload: Upload, size: int) -> File:
    worker.process(ObjectRef(upload.file.object_key, None, size, "1"), LEASE)
    return reload(client.db, upload.file)


class TestRejected:
    def test_a_file_above_the_limit_is_rejected_and_deleted(self, client: UploadClient, worker: Worker) -> None:
        """As one that comes by a form, whose size isn't announced."""
        upload = client.create(5)
        client.storage.store(upload.file.object_key, bytes(20), "text/plain")
        small = with_limit(worker, 19)
        file = process(client, small, upload, 20)
        assert file.status is Status.REJECTED
        assert file.failure is not None
        assert file.failure.code == REJECTED_TOO_LARGE.code
        assert client.storage.objects == {}

    def test_a_file_at_the_limit_is_processed(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(5)
        client.put(upload, b"hello")
        exact = with_limit(worker, 5)
        assert process(client, exact, upload, 5).status is Status.PROCESSED

    def test_an_outage_leaves_the_object_to_the_sweep(
        self, client: UploadClient, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = client.create(5)
        client.storage.store(upload.file.object_key, bytes(20), "text/plain")
        small = with_limit(worker, 19)
        with monkeypatch.context() as outage:
            outage.setattr(client.storage, "delete", _fail)
            with pytest.raises(OSError, match="down"):
                process(client, small, upload, 20)
        assert status(client, upload) is Status.REJECTED
        assert SweepOutcome.ORPHANED_OBJECT in sweep(client, worker)
        assert client.storage.objects == {}

    def test_an_object_that_comes_again_is_deleted(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(5)
        client.storage.store(upload.file.object_key, bytes(20), "text/plain")
        small = with_limit(worker, 19)
        process(client, small, upload, 20)
        client.storage.store(upload.file.object_key, b"small", "text/plain")
        assert process(client, small, upload, 5).status is Status.REJECTED
        assert client.storage.objects == {}


class TestGivenChecksum:
    def test_the_sha256_of_a_file_in_parts_is_verified(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(350, checksum=checksum(BODY))
        client.complete(upload.file.id, client.put_parts(upload, BODY))
        file = process(client, worker, upload, 350)
        assert (file.status, file.checksum) == (Status.PROCESSED, checksum(BODY))

    def test_other_bytes_are_rejected(self, client: UploadClient, worker: Worker) -> None:
        upload = client.create(350, checksum=checksum(b"other"))
        client.complete(upload.file.id, client.put_parts(upload, BODY))
        file = process(client, worker, upload, 350)
        assert file.status is Status.REJECTED
        assert file.failure is not None
        assert file.failure.code == CHECKSUM_MISMATCH.code
        assert client.storage.objects == {}

    def test_one_that_is_too_large_to_verify_is_not_claimed_to_be_it(
        self, client: UploadClient, worker: Worker
    ) -> None:
        upload = client.create(350, checksum=checksum(b"other"))
        client.complete(upload.file.id, client.put_parts(upload, BODY))
        limited = replace(worker, analyzer=replace(worker.analyzer, max_checksum_bytes=349))
        file = process(client, limited, upload, 350)
        assert file.status is Status.PROCESSED
        stored = client.storage.head(upload.file.object_key)
        assert stored is not None
        assert file.checksum == stored.checksum

    def test_other_bytes_are_rejected_also_after_the_last_attempt(
        self, client: UploadClient, worker: Worker
    ) -> None:
        """A new round of attempts must not take them for the announced ones: none of the first round read them."""
        upload = client.create(350, checksum=checksum(b"other"))
        client.complete(upload.file.id, client.put_parts(upload, BODY))
        for _ in range(MAX_ATTEMPTS):
            client.db.queue.claim(ObjectRef(upload.file.object_key), ALREADY_OVER)
        assert SweepOutcome.ATTEMPTS_EXHAUSTED in sweep(client, worker)
        client.db.files.requeue(OWNER, upload.file.id)
        assert process(client, worker, upload, 350).status is Status.REJECTED

    def test_reprocessing_does_not_compute_it_again(
        self, client: UploadClient, worker: Worker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = client.create(350, checksum=checksum(BODY))
        client.complete(upload.file.id, client.put_parts(upload, BODY))
        process(client, worker, upload, 350)
        client.db.files.requeue(OWNER, upload.file.id)
        monkeypatch.setattr("chalicelib.core.processing.analysis.compute_sha256", _fail)
        assert process(client, worker, upload, 350).checksum == checksum(BODY)


def _fail(*_: object) -> None:
    raise OSError("down")
