"""The conformance suite of the multipart uploads of `Storage`."""

from collections.abc import Sequence

import pytest

from chalicelib.core.errors import MultipartUploadMissingError, ObjectExistsError, PartsRejectedError
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import ObjectRange, PartRef, Storage, UploadedPart
from tests.contracts.storage_client import LIFETIME, send_part
from tests.crc64nvme import crc64nvme

KEY = "uploads/1/Grüße +1 😀.txt"
TYPE = "text/plain; charset=utf-8"
FIRST, SECOND = b"0" * 5 * 1024**2, b"123"
SIZE = len(FIRST) + len(SECOND)
CRC64NVME = "18dfb074945fbd3a"
"""Of both."""

verifying = pytest.mark.parametrize("storage", ["fake", "ministack"], indirect=True)
"""What moto doesn't do. MiniStack does it as the emulator runs it (emulator/multipart_uploads.py)."""


def put_parts(storage: Storage, upload_id: str, bodies: dict[int, bytes]) -> None:
    for number, body in bodies.items():
        url = storage.part_url(KEY, upload_id, number, size=len(body), lifetime=LIFETIME)
        assert send_part(storage, url, body).status == 200


def upload_parts(
    storage: Storage, *bodies: bytes, checksum: Checksum | None = None
) -> tuple[str, Sequence[UploadedPart]]:
    """Return the id of a multipart upload with these parts, and the parts."""
    upload_id = storage.create_multipart_upload(KEY, TYPE, checksum)
    put_parts(storage, upload_id, dict(enumerate(bodies, start=1)))
    parts = storage.list_parts(KEY, upload_id)
    assert parts is not None
    return upload_id, parts


def complete(
    storage: Storage,
    upload_id: str,
    parts: Sequence[PartRef],
    *,
    size: int | None = None,
    checksum: Checksum | None = None,
) -> str:
    return storage.complete_multipart_upload(KEY, upload_id, parts, size=size, checksum=checksum)


class TestParts:
    """What is known of an open multipart upload."""

    def test_parts_are_listed_by_number(self, storage: Storage) -> None:
        upload_id = storage.create_multipart_upload(KEY, TYPE)
        assert storage.list_parts(KEY, upload_id) == []
        put_parts(storage, upload_id, {10: b"ten", 2: b"two", 1: b"one", 10_000: b""})
        parts = storage.list_parts(KEY, upload_id)
        assert parts is not None
        assert [(part.number, part.size) for part in parts] == [(1, 3), (2, 3), (10, 3), (10_000, 0)]
        assert all('"' not in part.etag for part in parts)
        assert storage.head(KEY) is None

    def test_repeated_part_replaces_the_first(self, storage: Storage) -> None:
        upload_id, [first] = upload_parts(storage, b"first")
        put_parts(storage, upload_id, {1: b"other bytes"})
        parts = storage.list_parts(KEY, upload_id)
        assert parts is not None
        [second] = parts
        assert (second.number, second.size) == (1, 11)
        assert second.etag != first.etag
        with pytest.raises(PartsRejectedError, match="another ETag"):
            complete(storage, upload_id, [first])

    def test_unknown_upload_has_no_list(self, storage: Storage) -> None:
        assert storage.list_parts(KEY, "no-such-upload") is None

    @verifying  # moto doesn't compare the keys
    def test_upload_of_another_key_is_unknown(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, b"123")
        other = "uploads/2/other"
        assert storage.list_parts(other, upload_id) is None
        storage.abort_multipart_upload(other, upload_id)
        with pytest.raises(MultipartUploadMissingError):
            storage.complete_multipart_upload(other, upload_id, parts, size=None, checksum=None)
        assert storage.list_parts(KEY, upload_id) == parts

    def test_open_uploads_of_exactly_this_key_are_found(self, storage: Storage) -> None:
        assert storage.multipart_uploads(KEY) == []
        ids = {storage.create_multipart_upload(KEY, TYPE) for _ in range(2)}
        for other in (f"{KEY}.gz", KEY[:-1], "a"):
            storage.create_multipart_upload(other, TYPE)
        assert set(storage.multipart_uploads(KEY)) == ids


class TestComplete:
    """Parts become an object."""

    def test_object_is_made_of_the_parts(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, FIRST, SECOND)
        etag = complete(storage, upload_id, parts, size=SIZE)
        head = storage.head(KEY)
        assert head is not None
        assert (head.size, head.media_type, head.etag) == (SIZE, TYPE, etag)
        assert etag.endswith("-2")
        assert storage.read(KEY, len(FIRST) - 2, 10) == ObjectRange(b"00123", SIZE, etag)
        assert storage.list_parts(KEY, upload_id) is None
        assert storage.multipart_uploads(KEY) == []

    def test_parts_that_are_not_named_are_left_out(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, b"one", b"two")
        complete(storage, upload_id, parts[1:], size=3)
        assert storage.read(KEY, 0, 10).data == b"two"

    def test_object_may_be_empty(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, b"")
        complete(storage, upload_id, parts, size=0)
        head = storage.head(KEY)
        assert head is not None
        assert head.size == 0

    @verifying
    def test_completing_again_returns_the_same_etag(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, b"123")
        etag = complete(storage, upload_id, parts, size=3)
        assert complete(storage, upload_id, parts, size=3) == etag
        assert complete(storage, upload_id, [], size=99) == etag

    @verifying
    @pytest.mark.parametrize("size", [0, SIZE - 1, SIZE + 1])
    def test_other_size_is_refused(self, storage: Storage, size: int) -> None:
        upload_id, parts = upload_parts(storage, FIRST, SECOND)
        with pytest.raises(PartsRejectedError, match="size"):
            complete(storage, upload_id, parts, size=size)
        assert storage.head(KEY) is None
        assert storage.list_parts(KEY, upload_id) == parts, "the multipart upload is as it was"
        assert complete(storage, upload_id, parts, size=SIZE)

    def test_missing_part_is_refused(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, FIRST, SECOND)
        with pytest.raises(PartsRejectedError, match="missing"):
            complete(storage, upload_id, [*parts, PartRef(number=3, etag=parts[0].etag)])
        assert storage.head(KEY) is None

    def test_other_etag_is_refused(self, storage: Storage) -> None:
        upload_id, [first, second] = upload_parts(storage, FIRST, SECOND)
        for etag in ("0" * 32, first.etag, "<&"):
            with pytest.raises(PartsRejectedError, match="ETag"):
                complete(storage, upload_id, [first, PartRef(number=2, etag=etag)])
        assert storage.head(KEY) is None
        assert storage.list_parts(KEY, upload_id) == [first, second]

    def test_no_parts_are_refused(self, storage: Storage) -> None:
        upload_id, _ = upload_parts(storage, b"123")
        with pytest.raises(PartsRejectedError, match="empty"):
            complete(storage, upload_id, [])
        assert storage.head(KEY) is None

    @verifying
    def test_other_order_is_refused(self, storage: Storage) -> None:
        upload_id, [first, second] = upload_parts(storage, FIRST, SECOND)
        for parts in ([second, first], [first, first]):
            with pytest.raises(PartsRejectedError, match="ascending"):
                complete(storage, upload_id, parts)
        assert storage.head(KEY) is None

    def test_small_part_before_the_last_is_refused(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, FIRST[:-1], SECOND)
        with pytest.raises(PartsRejectedError, match="5 MiB"):
            complete(storage, upload_id, parts)
        assert storage.head(KEY) is None

    @verifying
    def test_checksum_is_verified(self, storage: Storage) -> None:
        given = Checksum("crc64nvme", crc64nvme(b"123"))
        upload_id, parts = upload_parts(storage, b"123", checksum=given)
        with pytest.raises(PartsRejectedError, match="checksum"):
            complete(storage, upload_id, parts, checksum=Checksum("crc64nvme", "0" * 16))
        assert storage.head(KEY) is None
        complete(storage, upload_id, parts, checksum=given)
        head = storage.head(KEY)
        assert head is not None
        assert head.checksum == given

    @pytest.mark.parametrize("storage", ["ministack"], indirect=True)  # the others compute none
    def test_object_has_a_checksum_of_all_its_bytes(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, FIRST, SECOND)
        complete(storage, upload_id, parts)
        head = storage.head(KEY)
        assert head is not None
        assert head.checksum == Checksum("crc64nvme", CRC64NVME)

    def test_sha256_is_ignored(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, b"123")
        complete(storage, upload_id, parts, size=3, checksum=Checksum("sha256", "0" * 64))
        assert storage.read(KEY, 0, 10).data == b"123"

    @verifying
    def test_object_is_never_replaced(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, b"123")
        etag = storage.put(KEY, b"0123456789", TYPE)
        with pytest.raises(ObjectExistsError):
            complete(storage, upload_id, parts)
        head = storage.head(KEY)
        assert head is not None
        assert head.etag == etag


class TestAbort:
    """Parts are deleted."""

    @verifying
    def test_aborted_upload_is_gone(self, storage: Storage) -> None:
        upload_id, parts = upload_parts(storage, b"123")
        storage.abort_multipart_upload(KEY, upload_id)
        assert storage.list_parts(KEY, upload_id) is None
        assert storage.multipart_uploads(KEY) == []
        with pytest.raises(MultipartUploadMissingError):
            complete(storage, upload_id, parts)
        assert storage.head(KEY) is None

    def test_there_may_be_nothing_to_abort(self, storage: Storage) -> None:
        storage.abort_multipart_upload(KEY, "no-such-upload")
        upload_id, parts = upload_parts(storage, b"123")
        complete(storage, upload_id, parts)
        storage.abort_multipart_upload(KEY, upload_id)
        assert storage.read(KEY, 0, 10).data == b"123", "the object stays"
