"""The SHA-256 of an object."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import cast

import pytest

from chalicelib.core.errors import ObjectChangedError, ObjectMissingError
from chalicelib.core.processing.checksum import CHUNK, SECONDS, compute_sha256
from chalicelib.core.storage import ObjectRange, Storage
from chalicelib.core.streams.object_reader import ObjectReader
from tests.fakes.storage import FakeStorage
from tests.samples import checksum
from tests.sparse import Sparse, SparseStorage

KEY = "uploads/0/a"
CONTENT = b"0123456789abcdef" * (CHUNK // 16) * 2 + b"the rest"


@dataclass
class RecordingStorage(FakeStorage):
    """Records each read, and calls `after_read`."""

    reads: list[tuple[int, int]] = field(default_factory=list)
    after_read: Callable[[], object] = lambda: None

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        piece = super().read(key, start, length, etag)
        self.reads.append((start, length))
        self.after_read()
        return piece


@pytest.fixture
def storage_with_object() -> RecordingStorage:
    return RecordingStorage({KEY: (CONTENT, "")})


def etag_of(storage: FakeStorage) -> str:
    stored = storage.head(KEY)
    assert stored is not None
    return stored.etag


def reader_of(storage: FakeStorage, size: int = len(CONTENT), etag: str | None = None) -> ObjectReader:
    return ObjectReader(storage, KEY, size, etag)


def test_checksum_is_computed_from_large_chunks(storage_with_object: RecordingStorage) -> None:
    assert compute_sha256(reader_of(storage_with_object, etag=etag_of(storage_with_object))) == checksum(CONTENT)
    assert storage_with_object.reads == [(0, CHUNK), (CHUNK, CHUNK), (2 * CHUNK, 8)]


def test_checksum_of_large_object_takes_few_requests() -> None:
    large = SparseStorage(Sparse(64 * 1024 * 1024 + 1))
    assert compute_sha256(ObjectReader(cast(Storage, large), KEY, large.file.size)) is not None
    assert large.requests == 9


def test_cached_object_is_not_fetched_again() -> None:
    small = RecordingStorage({KEY: (b"0123456789", "")})
    described = reader_of(small, 10)
    described.read(3)
    assert compute_sha256(described) == checksum(b"0123456789")
    assert len(small.reads) == 1


def test_checksum_of_empty_object_needs_no_request(storage_with_object: RecordingStorage) -> None:
    assert compute_sha256(reader_of(storage_with_object, 0)) == checksum(b"")
    assert storage_with_object.requests == 0


def test_object_with_another_etag_is_refused(storage_with_object: RecordingStorage) -> None:
    with pytest.raises(ObjectChangedError):
        compute_sha256(reader_of(storage_with_object, etag="of another"))


@pytest.mark.parametrize("with_etag", [True, False])
def test_object_replaced_meanwhile_is_refused(storage_with_object: RecordingStorage, with_etag: bool) -> None:
    etag = etag_of(storage_with_object) if with_etag else None

    def replace() -> None:
        storage_with_object.objects[KEY] = (CONTENT[::-1], "")

    storage_with_object.after_read = replace
    with pytest.raises(ObjectChangedError):
        compute_sha256(reader_of(storage_with_object, etag=etag))
    assert len(storage_with_object.reads) == 1


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_object_of_another_size_is_refused(storage_with_object: RecordingStorage, size: int) -> None:
    with pytest.raises(ObjectChangedError):
        compute_sha256(reader_of(storage_with_object, size))


def test_missing_object_raises_object_missing(storage_with_object: RecordingStorage) -> None:
    storage_with_object.after_read = storage_with_object.objects.clear
    with pytest.raises(ObjectMissingError):
        compute_sha256(reader_of(storage_with_object))


def test_checksum_is_none_after_the_time_limit(
    storage_with_object: RecordingStorage, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = count(100.0, step=SECONDS)
    assert compute_sha256(reader_of(storage_with_object), clock=lambda: next(seconds)) is None
    assert len(storage_with_object.reads) == 1
    assert caplog.messages == [f"no SHA-256 after 30 s: {CHUNK} of {len(CONTENT)} bytes were read"]


def test_checksum_within_the_time_limit(
    storage_with_object: RecordingStorage, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = count(100.0, step=SECONDS / 2 - 1)  # the last chunk starts just before the limit
    assert compute_sha256(reader_of(storage_with_object), clock=lambda: next(seconds)) == checksum(CONTENT)
    assert caplog.messages == []
