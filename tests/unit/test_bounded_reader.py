"""The reader that limits a processor."""

import io
import time

import pytest

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, STORAGE_UNAVAILABLE, BadContentError, ServiceError
from chalicelib.core.streams.bounded_reader import BoundedReader
from chalicelib.core.streams.object_reader import BLOCK

SIZE = 100 * BLOCK


class Zeros(io.RawIOBase):
    """Any number of zeros, and how many were requested."""

    requested_bytes = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: ARG002  # zeros are alike everywhere
        return offset

    def read(self, size: int = -1) -> bytes:
        self.requested_bytes += size
        return bytes(size)


def bounded(limit: int = 4 * BLOCK, seconds: float = 60) -> BoundedReader:
    return BoundedReader(Zeros(), SIZE, limit=limit, seconds=seconds)  # type: ignore[arg-type]  # what is read of it


def resource_limit_exceeded() -> pytest.RaisesExc[BadContentError]:
    return pytest.raises(BadContentError, match=RESOURCE_LIMIT_EXCEEDED.code)


def test_bounded_reader_reads_like_the_file() -> None:
    content = bytes(range(256)) * 100
    reader = BoundedReader(io.BytesIO(content), len(content), limit=BLOCK, seconds=60)
    assert reader.read(5) == content[:5]
    reader.seek(-10, io.SEEK_END)
    assert (reader.read(), reader.read()) == (content[-10:], b"")
    reader.seek(100)
    reader.seek(20, io.SEEK_CUR)
    assert (reader.tell(), reader.read1(3)) == (120, content[120:123])
    reader.seek(len(content) + 5)
    assert reader.read(5) == b""


def test_negative_seek_fails_as_on_disk() -> None:
    """zipfile tries it, and expects an OSError."""
    with pytest.raises(OSError, match="negative"):
        bounded().seek(-1)


def test_limit_counts_whole_blocks() -> None:
    reader = bounded()
    for number in range(5):
        reader.seek(10 * number * BLOCK)
        reader.read(1)
    reader.seek(99 * BLOCK)
    with resource_limit_exceeded():
        reader.read(1)


def test_block_is_counted_once() -> None:
    reader = bounded()
    for _ in range(1000):
        reader.seek(0)
        reader.read(1)
        reader.seek(99 * BLOCK)
        reader.read(1)


def test_reading_the_same_bytes_forever_is_limited() -> None:
    reader = bounded()
    with resource_limit_exceeded():
        for _ in range(1000):
            reader.seek(0)
            reader.read(BLOCK)


def test_refused_read_does_not_reach_the_file() -> None:
    zeros = Zeros()
    reader = BoundedReader(zeros, 2**60, limit=BLOCK, seconds=60)  # type: ignore[arg-type]  # what is read of it
    with resource_limit_exceeded():
        reader.read()
    assert zeros.requested_bytes == 0


def test_time_limit_is_enforced() -> None:
    with resource_limit_exceeded():
        bounded(seconds=0).read(1)


def test_time_spent_in_the_source_is_storage_unavailable() -> None:
    class Slow(Zeros):
        def read(self, size: int = -1) -> bytes:
            time.sleep(0.3)
            return super().read(size)

    reader = BoundedReader(Slow(), SIZE, limit=SIZE, seconds=0.25)  # type: ignore[arg-type]  # what is read of it
    reader.read(1)
    with pytest.raises(ServiceError) as caught:
        reader.read(1)
    assert caught.value.kind is STORAGE_UNAVAILABLE
    assert reader.source_error is caught.value


def test_error_of_the_source_is_kept_for_callers_of_libraries_that_swallow_it() -> None:
    class Failing(Zeros):
        def read(self, size: int = -1) -> bytes:  # noqa: ARG002  # it fails whatever is requested_bytes for
            raise ServiceError(STORAGE_UNAVAILABLE)

    reader = BoundedReader(Failing(), SIZE, limit=BLOCK, seconds=60)  # type: ignore[arg-type]  # what is read of it
    with pytest.raises(ServiceError):
        reader.read(1)
    assert isinstance(reader.source_error, ServiceError)


def test_exceeded_limit_is_not_an_error_of_the_source() -> None:
    reader = bounded(limit=0)
    with resource_limit_exceeded():
        reader.read()
    assert reader.source_error is None
