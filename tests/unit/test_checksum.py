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
class Recording(FakeStorage):
    """Notes what is read, and calls `after_read` then."""

    reads: list[tuple[int, int]] = field(default_factory=list)
    after_read: Callable[[], object] = lambda: None

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        piece = super().read(key, start, length, etag)
        self.reads.append((start, length))
        self.after_read()
        return piece


@pytest.fixture
def holding() -> Recording:
    return Recording({KEY: (CONTENT, "")})


def etag_of(storage: FakeStorage) -> str:
    stored = storage.head(KEY)
    assert stored is not None
    return stored.etag


def ranged(storage: FakeStorage, size: int = len(CONTENT), etag: str | None = None) -> ObjectReader:
    return ObjectReader(storage, KEY, size, etag)


def test_it_is_made_of_large_pieces(holding: Recording) -> None:
    assert compute_sha256(ranged(holding, etag=etag_of(holding))) == checksum(CONTENT)
    assert holding.reads == [(0, CHUNK), (CHUNK, CHUNK), (2 * CHUNK, 8)]


def test_a_large_object_is_few_requests() -> None:
    large = SparseStorage(Sparse(64 * 1024 * 1024 + 1))
    assert compute_sha256(ObjectReader(cast(Storage, large), KEY, large.file.size)) is not None
    assert large.requests == 9


def test_an_object_that_was_fetched_whole_is_not_fetched_again() -> None:
    small = Recording({KEY: (b"0123456789", "")})
    described = ranged(small, 10)
    described.read(3)
    assert compute_sha256(described) == checksum(b"0123456789")
    assert len(small.reads) == 1


def test_that_of_an_empty_object_needs_no_request(holding: Recording) -> None:
    assert compute_sha256(ranged(holding, 0)) == checksum(b"")
    assert holding.requests == 0


def test_the_object_with_the_etag_is_read_and_no_other(holding: Recording) -> None:
    with pytest.raises(ObjectChangedError):
        compute_sha256(ranged(holding, etag="of another"))


@pytest.mark.parametrize("known", [True, False])
def test_an_object_replaced_meanwhile_is_another(holding: Recording, known: bool) -> None:
    etag = etag_of(holding) if known else None

    def replace() -> None:
        holding.objects[KEY] = (CONTENT[::-1], "")

    holding.after_read = replace
    with pytest.raises(ObjectChangedError):
        compute_sha256(ranged(holding, etag=etag))
    assert len(holding.reads) == 1


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_so_is_one_of_another_size(holding: Recording, size: int) -> None:
    with pytest.raises(ObjectChangedError):
        compute_sha256(ranged(holding, size))


def test_one_that_is_gone_is_missing(holding: Recording) -> None:
    holding.after_read = holding.objects.clear
    with pytest.raises(ObjectMissingError):
        compute_sha256(ranged(holding))


def test_one_that_takes_too_long_goes_without(holding: Recording, caplog: pytest.LogCaptureFixture) -> None:
    seconds = count(100.0, step=SECONDS)
    assert compute_sha256(ranged(holding), clock=lambda: next(seconds)) is None
    assert len(holding.reads) == 1
    assert caplog.messages == [f"no SHA-256 after 30 s: {CHUNK} of {len(CONTENT)} bytes were read"]


def test_time_enough_is_enough(holding: Recording, caplog: pytest.LogCaptureFixture) -> None:
    seconds = count(100.0, step=SECONDS / 2 - 1)  # the last piece is begun a moment before the end
    assert compute_sha256(ranged(holding), clock=lambda: next(seconds)) == checksum(CONTENT)
    assert caplog.messages == []
