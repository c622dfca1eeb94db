"""Uploads whose bytes the client sends to S3 itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.core.errors import (
    DATABASE_UNAVAILABLE,
    DELETED_DURING_UPLOAD,
    FILE_TOO_LARGE,
    IDEMPOTENCY_KEY_REUSED,
    INVALID_NAME,
    INVALID_PART_NUMBERS,
    NOT_MULTIPART,
    UPLOAD_EXPIRED,
    UPLOAD_FINISHED,
    UPLOAD_INCOMPLETE,
    UPLOAD_NOT_FOUND,
    ErrorKind,
    ServiceError,
)
from chalicelib.core.files.model import Checksum, File
from chalicelib.core.files.ports import NewName
from chalicelib.core.files.statuses import Status
from chalicelib.core.storage import PartRef
from chalicelib.core.uploads import limits
from tests.crc64nvme import crc64nvme
from tests.samples import OTHER_OWNER, OWNER
from tests.unit.announced_uploads import PART, UploadClient

BODY = bytes(range(256)) + b"x" * 94
"""Three and a half parts."""


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> UploadClient:
    monkeypatch.setattr(limits, "MIN_PART_BYTES", PART)
    monkeypatch.setattr(limits, "MIB", 1)
    return UploadClient()


def raises(kind: ErrorKind, call: Callable[[], object]) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        call()
    assert caught.value.kind is kind
    return caught.value


def is_missing(client: UploadClient, file: File) -> bool:
    return client.db.files.get(OWNER, file.id) is None


class TestCreate:
    def test_a_small_file_gets_one_put_that_accepts_its_bytes_once(self, client: UploadClient) -> None:
        upload = client.create(5)
        assert (upload.file.status, upload.parts) == (Status.AWAITING_UPLOAD, None)
        assert client.put(upload, b"hello!") == 403
        assert client.put(upload, b"hello") == 200
        assert client.put(upload, b"hello") == 412

    def test_an_empty_file_gets_one_put(self, client: UploadClient) -> None:
        assert client.put(client.create(0), b"") == 200

    def test_a_given_checksum_is_part_of_the_put(self, client: UploadClient) -> None:
        upload = client.create(5, checksum=Checksum("sha256", sha256(b"hello").hexdigest()))
        assert client.put(upload, b"jello") == 400
        assert client.put(upload, b"hello") == 200

    def test_a_file_at_the_threshold_is_not_divided(self, client: UploadClient) -> None:
        assert client.create(client.threshold).put is not None
        assert client.create(client.threshold + 1).put is None

    def test_a_large_file_gets_a_url_for_each_part(self, client: UploadClient) -> None:
        upload = client.create(350)
        assert upload.parts is not None
        assert [(part.number, part.size) for part in upload.parts] == [(1, 100), (2, 100), (3, 100), (4, 50)]
        assert len(client.storage.open_uploads) == 1

    def test_only_the_first_batch_of_urls_is_returned(self, client: UploadClient) -> None:
        client.max_file_bytes = 10**9
        upload = client.create(PART * 101)
        assert upload.parts is not None
        assert [part.number for part in upload.parts] == list(range(1, 101))

    def test_a_file_above_the_limit_leaves_nothing(self, client: UploadClient) -> None:
        raises(FILE_TOO_LARGE, lambda: client.create(client.max_file_bytes + 1))
        assert (client.db.table.rows, client.storage.open_uploads) == ({}, {})

    def test_an_invalid_name_leaves_nothing(self, client: UploadClient) -> None:
        raises(INVALID_NAME, lambda: client.create(350, name=".."))
        assert (client.db.table.rows, client.storage.requests) == ({}, 0)

    def test_a_row_that_is_not_added_leaves_no_multipart_upload(
        self, client: UploadClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise ServiceError(DATABASE_UNAVAILABLE)

        monkeypatch.setattr(client.db.uploads, "add", fail)
        raises(DATABASE_UNAVAILABLE, lambda: client.create(350))
        assert client.storage.open_uploads == {}


class TestIdempotencyKey:
    @pytest.mark.parametrize("size", [5, 350])
    def test_the_same_request_returns_the_same_upload(self, client: UploadClient, size: int) -> None:
        first, second = client.create(size, key="k"), client.create(size, key="k")
        assert second.file.id == first.file.id
        assert (second.put is None, second.parts is None) == (first.put is None, first.parts is None)
        assert len(client.db.table.rows) == 1
        assert len(client.storage.open_uploads) == (size > client.threshold)

    def test_another_request_with_the_same_key_is_refused(self, client: UploadClient) -> None:
        client.create(350, key="k")
        raises(IDEMPOTENCY_KEY_REUSED, lambda: client.create(351, key="k"))
        raises(IDEMPOTENCY_KEY_REUSED, lambda: client.create(350, key="k", name="b.txt"))
        assert (len(client.db.table.rows), len(client.storage.open_uploads)) == (1, 1)

    def test_a_request_has_the_same_digest_in_each_version_of_the_service(self, client: UploadClient) -> None:
        """Otherwise an update of the service would refuse what a client sends again."""
        file = client.create(5, key="k", name="ä.txt", checksum=Checksum("sha256", "00")).file
        assert file.request_digest == "c63893f786e327f1f56434bc449bcf1fba60808c40fdcca7cb2a62bdecc341a4"

    def test_two_owners_may_use_the_same_key(self, client: UploadClient) -> None:
        client.create(5, key="k")
        assert client.create(6, key="k", owner=OTHER_OWNER).file.owner == OTHER_OWNER

    def test_a_finished_upload_is_returned_without_urls(self, client: UploadClient) -> None:
        upload = client.create(5, key="k")
        client.put(upload, b"hello")
        client.complete(upload.file.id)
        again = client.create(5, key="k")
        assert (again.file.id, again.file.status, again.put) == (upload.file.id, Status.UPLOADED, None)

    def test_an_expired_upload_needs_a_new_key(self, client: UploadClient) -> None:
        upload = client.create(5, key="k")
        client.db.queue.expire(upload.file)
        raises(UPLOAD_EXPIRED, lambda: client.create(5, key="k"))
        assert client.create(5, key="another").put is not None

    def test_a_renamed_file_still_has_its_key(self, client: UploadClient) -> None:
        upload = client.create(5, key="k")
        name = NewName("other.txt", mismatch=False, version=upload.file.version)
        client.db.files.update(OWNER, upload.file.id, name=name)
        assert client.create(5, key="k").file.id == upload.file.id


class TestResume:
    def test_uploaded_parts_are_what_the_storage_has(self, client: UploadClient) -> None:
        upload = client.create(350)
        client.put_parts(upload, BODY, 2, 4)
        found = client.get(upload.file.id).uploaded_parts
        assert found is not None
        assert [(part.number, part.size) for part in found] == [(2, 100), (4, 50)]

    def test_a_single_upload_gets_a_new_url(self, client: UploadClient) -> None:
        upload = client.get(client.create(5).file.id)
        assert client.put(upload, b"hello") == 200

    def test_more_urls_of_parts(self, client: UploadClient) -> None:
        urls = client.part_urls(client.create(350).file.id, 4, 1)
        assert [(part.number, part.size) for part in urls.parts] == [(4, 50), (1, 100)]

    @pytest.mark.parametrize("numbers", [(), (0,), (5,), (-1,), (1, 1), tuple(range(1, 102))])
    def test_invalid_part_numbers(self, client: UploadClient, numbers: tuple[int, ...]) -> None:
        file_id = client.create(350).file.id
        raises(INVALID_PART_NUMBERS, lambda: client.part_urls(file_id, *numbers))

    def test_no_parts_of_a_single_upload(self, client: UploadClient) -> None:
        file_id = client.create(5).file.id
        raises(NOT_MULTIPART, lambda: client.part_urls(file_id, 1))

    def test_another_owners_upload_is_unknown(self, client: UploadClient) -> None:
        file_id = client.create(350, owner=OTHER_OWNER).file.id
        for call in (client.get, client.complete, client.abort, lambda each: client.part_urls(each, 1)):
            raises(UPLOAD_NOT_FOUND, lambda call=call: call(file_id))  # type: ignore[misc]
        assert len(client.storage.open_uploads) == 1

    def test_a_url_ends_with_its_upload(self, client: UploadClient) -> None:
        client.expires_in = timedelta(minutes=10)
        upload = client.create(350)
        assert upload.urls_expire_at is not None
        assert timedelta(minutes=9) < upload.urls_expire_at - datetime.now(UTC) <= timedelta(minutes=10)

    def test_no_urls_after_the_end(self, client: UploadClient) -> None:
        client.expires_in = timedelta(seconds=0)
        raises(UPLOAD_EXPIRED, lambda: client.create(350))


class TestComplete:
    def test_parts_become_the_file(self, client: UploadClient) -> None:
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        file = client.complete(upload.file.id, parts)
        assert (file.status, file.etag) == (Status.UPLOADED, client.storage.etag(file.object_key))
        assert client.storage.objects[file.object_key][0] == BODY
        assert client.storage.open_uploads == {}

    def test_without_a_list_the_storage_is_asked(self, client: UploadClient) -> None:
        upload = client.create(350)
        client.put_parts(upload, BODY)
        assert client.complete(upload.file.id).status is Status.UPLOADED

    def test_again_returns_the_file_without_a_request(self, client: UploadClient) -> None:
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        first = client.complete(upload.file.id, parts)
        requests = client.storage.requests
        assert client.complete(upload.file.id, parts) == first
        assert client.storage.requests == requests

    def test_the_event_may_be_faster(self, client: UploadClient) -> None:
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        client.storage.complete_multipart_upload(
            upload.file.object_key, upload.file.multipart_upload_id or "", parts, size=350, checksum=None
        )
        assert client.complete(upload.file.id, parts).status is Status.UPLOADED

    def test_an_object_that_exists_already_completes_it(self, client: UploadClient) -> None:
        """S3 forgets a completed multipart upload after a while, and then says that it has none, or a 412."""
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        client.storage.store(upload.file.object_key, BODY, "text/plain")
        assert client.complete(upload.file.id, parts).status is Status.UPLOADED

    @pytest.mark.parametrize(
        "change",
        [
            lambda parts: parts[:-1],
            lambda parts: parts[1:],
            lambda parts: parts[::-1],
            lambda parts: [*parts, parts[-1]],
            lambda parts: [*parts, PartRef(number=5, etag="5")],
            lambda parts: [*parts[:-1], replace(parts[-1], etag="other")],
            lambda parts: parts[:0],
        ],
        ids=["last missing", "first missing", "out of order", "repeated", "unknown", "other etag", "none"],
    )
    def test_parts_that_are_not_the_file(
        self, client: UploadClient, change: Callable[[list[PartRef]], list[PartRef]]
    ) -> None:
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        raises(UPLOAD_INCOMPLETE, lambda: client.complete(upload.file.id, change(parts)))
        assert client.storage.objects == {}
        assert client.complete(upload.file.id, parts).status is Status.UPLOADED

    def test_missing_parts_are_named(self, client: UploadClient) -> None:
        upload = client.create(350)
        client.put_parts(upload, BODY, 2)
        error = raises(UPLOAD_INCOMPLETE, lambda: client.complete(upload.file.id))
        assert "3 of 4 parts missing, the first is part 1" in error.message

    def test_a_wrong_checksum_is_refused(self, client: UploadClient) -> None:
        upload = client.create(350, checksum=Checksum("crc64nvme", crc64nvme(b"other")))
        parts = client.put_parts(upload, BODY)
        raises(UPLOAD_INCOMPLETE, lambda: client.complete(upload.file.id, parts))
        assert client.storage.objects == {}

    def test_a_single_upload_is_complete_when_its_object_is_there(self, client: UploadClient) -> None:
        upload = client.create(5)
        raises(UPLOAD_INCOMPLETE, lambda: client.complete(upload.file.id))
        client.put(upload, b"hello")
        assert client.complete(upload.file.id).status is Status.UPLOADED

    def test_a_multipart_upload_that_is_gone_has_expired(self, client: UploadClient) -> None:
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        client.storage.open_uploads.clear()
        raises(UPLOAD_EXPIRED, lambda: client.complete(upload.file.id, parts))
        raises(UPLOAD_EXPIRED, lambda: client.complete(upload.file.id))

    def test_an_upload_aborted_meanwhile_is_deleted_and_not_expired(
        self, client: UploadClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        complete = client.storage.complete_multipart_upload

        def abort_first(*args: Any, **named: Any) -> str:
            client.abort(upload.file.id)
            return complete(*args, **named)

        monkeypatch.setattr(client.storage, "complete_multipart_upload", abort_first)
        raises(DELETED_DURING_UPLOAD, lambda: client.complete(upload.file.id, parts))

    def test_a_file_deleted_meanwhile_leaves_no_object(
        self, client: UploadClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = client.create(350)
        parts = client.put_parts(upload, BODY)
        monkeypatch.setattr(client.db.files, "mark_uploaded", lambda *_: None)
        raises(DELETED_DURING_UPLOAD, lambda: client.complete(upload.file.id, parts))
        assert client.storage.objects == {}


class TestAbort:
    @pytest.mark.parametrize("size", [5, 350])
    def test_nothing_is_left(self, client: UploadClient, size: int) -> None:
        upload = client.create(size)
        if size == 350:
            client.put_parts(upload, BODY, 1)
        client.abort(upload.file.id)
        assert is_missing(client, upload.file)
        assert (client.storage.open_uploads, client.storage.objects) == ({}, {})
        assert list(client.db.tombstones.pending(timedelta(seconds=-1), 9)) == []
        raises(UPLOAD_NOT_FOUND, lambda: client.get(upload.file.id))

    def test_its_urls_store_nothing_that_stays(self, client: UploadClient) -> None:
        upload = client.create(350)
        client.abort(upload.file.id)
        assert upload.parts is not None
        assert client.storage.send("PUT", upload.parts[0].url, {}, BODY[:PART]).status == 404

    def test_a_finished_upload_stays(self, client: UploadClient) -> None:
        upload = client.create(350)
        client.complete(upload.file.id, client.put_parts(upload, BODY))
        raises(UPLOAD_FINISHED, lambda: client.abort(upload.file.id))
        assert client.storage.objects

    def test_again_aborts_what_an_outage_left(self, client: UploadClient) -> None:
        upload = client.create(350)
        client.storage.down = True
        with pytest.raises(ServiceError):
            client.abort(upload.file.id)
        client.storage.down = False
        client.abort(upload.file.id)
        assert client.storage.open_uploads == {}

    def test_after_the_end_there_are_no_more_urls(self, client: UploadClient) -> None:
        upload = client.create(350)
        client.complete(upload.file.id, client.put_parts(upload, BODY))
        raises(UPLOAD_FINISHED, lambda: client.part_urls(upload.file.id, 1))
        assert client.get(upload.file.id).uploaded_parts is None


class TestLimits:
    @pytest.mark.parametrize(
        ("size", "part_size", "count"),
        [
            (64 * 1024**2 + 1, 16 * 1024**2, 5),
            (10_000 * 16 * 1024**2, 16 * 1024**2, 10_000),
            (10_000 * 16 * 1024**2 + 1, 17 * 1024**2, 9_412),
            (limits.MAX_OBJECT_BYTES, 5 * 1024**3, 10_000),
        ],
    )
    def test_ten_thousand_parts_hold_any_file(self, size: int, part_size: int, count: int) -> None:
        assert limits.part_size_for(size) == part_size
        assert limits.count_parts(size, part_size) == count <= limits.MAX_PARTS
        sizes = [limits.size_of_part(number, size, part_size) for number in (1, count)]
        assert sizes[0] * (count - 1) + sizes[1] == size
        assert 0 < sizes[1] <= sizes[0] <= limits.MAX_PART_BYTES
