"""The conformance suite of the objects of `Storage`: the fake, moto and MiniStack."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.adapters.s3 import S3Storage
from chalicelib.core.errors import STORAGE_UNAVAILABLE, ObjectChangedError, ObjectMissingError, ServiceError
from chalicelib.core.files.object_keys import object_key
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectRange, Storage
from tests.contracts.storage_client import new_bucket, set_tags
from tests.samples import checksum, new_file

KEY = "uploads/1/Grüße +1 😀.txt"


def put(storage: Storage, body: bytes = b"0123456789", key: str = KEY) -> str:
    return storage.put(key, body, "text/plain", checksum(body))


class TestStorage:
    def test_put_object_can_be_read(self, storage: Storage) -> None:
        put(storage)
        head = storage.head(KEY)
        assert head is not None
        assert (head.size, head.media_type) == (10, "text/plain")
        assert storage.read(KEY, 0, 10) == ObjectRange(b"0123456789", 10, head.etag)

    def test_object_may_be_empty(self, storage: Storage) -> None:
        put(storage, b"")
        head = storage.head(KEY)
        assert head is not None
        assert head.size == 0

    @pytest.mark.parametrize(
        ("start", "length", "read"), [(0, 1, b"0"), (3, 4, b"3456"), (8, 2, b"89"), (8, 100, b"89")]
    )
    def test_read_returns_the_range(self, storage: Storage, start: int, length: int, read: bytes) -> None:
        put(storage)
        assert storage.read(KEY, start, length).data == read

    @pytest.mark.parametrize("storage", ["fake", "ministack"], indirect=True)  # moto stores any bytes
    def test_put_with_wrong_checksum_is_refused(self, storage: Storage) -> None:
        with pytest.raises(ServiceError) as caught:
            storage.put(KEY, b"something else", "text/plain", checksum(b"0123456789"))
        assert caught.value.kind is STORAGE_UNAVAILABLE
        assert storage.head(KEY) is None

    def test_missing_object(self, storage: Storage) -> None:
        assert storage.head(KEY) is None
        with pytest.raises(ObjectMissingError):
            storage.read(KEY, 0, 1)
        storage.delete(KEY)

    def test_deleted_object_is_missing(self, storage: Storage) -> None:
        put(storage)
        storage.delete(KEY)
        assert storage.head(KEY) is None

    def test_put_returns_the_etag(self, storage: Storage) -> None:
        etag = put(storage)
        head = storage.head(KEY)
        assert head is not None
        assert head.etag == etag
        assert '"' not in etag

    def test_read_of_replaced_object_raises_object_changed(self, storage: Storage) -> None:
        first = put(storage)
        put(storage, b"something else")
        with pytest.raises(ObjectChangedError):
            storage.read(KEY, 0, 10, first)
        second = storage.read(KEY, 0, 100)
        assert second == ObjectRange(b"something else", 14, put(storage, b"something else"))
        assert storage.read(KEY, 4, 100, second.etag).data == b"thing else"

    @pytest.mark.parametrize(("body", "start"), [(b"", 0), (b"0123456789", 10), (b"0123456789", 99)])
    def test_read_after_the_end_raises_object_changed(self, storage: Storage, body: bytes, start: int) -> None:
        put(storage, body)
        with pytest.raises(ObjectChangedError):
            storage.read(KEY, start, 10)

    def test_tags_are_those_of_the_present_object(self, storage: Storage) -> None:
        tags = {"GuardDutyMalwareScanStatus": "NO_THREATS_FOUND", "b": "ü +"}
        put(storage)
        assert storage.tags(KEY) == {}
        set_tags(storage, KEY, tags)
        assert storage.tags(KEY) == tags
        storage.delete(KEY)
        with pytest.raises(ObjectMissingError):
            storage.tags(KEY)

    @pytest.mark.parametrize("storage", ["fake", "moto"], indirect=True)
    def test_new_object_has_no_tags(self, storage: Storage) -> None:
        """On S3; MiniStack keeps those of the object before it."""
        put(storage)
        set_tags(storage, KEY, {"GuardDutyMalwareScanStatus": "NO_THREATS_FOUND"})
        put(storage)
        assert storage.tags(KEY) == {}

    def test_list_is_in_the_order_of_utf8_bytes(self, storage: Storage) -> None:
        keys = [
            'uploads/ +%20&<b>"',
            "uploads/Z",
            "uploads/a",
            "uploads/a/b",
            "uploads/é",
            "uploads/\uffee",
            "uploads/😀",
        ]
        etags = [put(storage, key.encode(), key) for key in keys]
        put(storage, key="derived/1/thumbnail")
        listed = [ObjectRef(key, etag, len(key.encode())) for key, etag in zip(keys, etags, strict=True)]
        whole = storage.list("uploads/", "")
        assert (list(whole.objects), whole.has_more) == (listed, False)
        rest = storage.list("uploads/", "uploads/é")
        assert list(rest.objects) == listed[5:]
        assert list(storage.list("uploads/", keys[-1]).objects) == []

    def test_check_of_existing_bucket(self, storage: Storage) -> None:
        storage.check()

    def test_longest_key_can_be_stored(self, storage: Storage) -> None:
        key = object_key(new_file().id, "😀" * 255)
        put(storage, key=key)
        assert storage.read(key, 0, 2).data == b"01"


class TestS3Only:
    """What only a real S3 has."""

    def test_head_in_missing_bucket_is_not_a_missing_object(self, ministack_url: str) -> None:
        storage = S3Storage("no-such-bucket", ministack_url)
        with pytest.raises(ServiceError) as caught:
            storage.head(KEY)
        assert caught.value.kind is STORAGE_UNAVAILABLE

    def test_check_of_missing_bucket(self, ministack_url: str) -> None:
        with pytest.raises(ServiceError) as caught:
            S3Storage("no-such-bucket", ministack_url).check()
        assert caught.value.kind is STORAGE_UNAVAILABLE

    @pytest.mark.slow(2)
    def test_list_comes_in_pages_of_1000(self, ministack_url: str) -> None:
        storage = new_bucket(ministack_url)
        keys = [f"uploads/{number:04}" for number in range(1001)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: put(storage, b"", key), keys))
        page = storage.list("uploads/", "")
        assert ([listed.key for listed in page.objects], page.has_more) == (keys[:1000], True)
        page = storage.list("uploads/", keys[999])
        assert ([listed.key for listed in page.objects], page.has_more) == (keys[1000:], False)

    def test_head_returns_the_checksum_that_s3_stored(self, ministack_url: str) -> None:
        storage = new_bucket(ministack_url)
        put(storage)
        head = storage.head(KEY)
        assert head is not None
        assert head.checksum == checksum(b"0123456789")
