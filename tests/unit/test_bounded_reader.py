"""A file that stops whoever reads too much of it."""

import io
import time

import pytest

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, STORAGE_UNAVAILABLE, BadContentError, ServiceError
from chalicelib.core.streams.bounded_reader import BoundedReader
from chalicelib.core.streams.object_reader import BLOCK

SIZE = 100 * BLOCK


class Zeros(io.RawIOBase):
    """Any number of zeros, and how many were asked for."""

    asked = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:  # noqa: ARG002  # zeros are alike everywhere
        return offset

    def read(self, size: int = -1) -> bytes:
        self.asked += size
        return bytes(size)


def bounded(limit: int = 4 * BLOCK, seconds: float = 60) -> BoundedReader:
    return BoundedReader(Zeros(), SIZE, limit=limit, seconds=seconds)  # type: ignore[arg-type]  # what is read of it


def resource_limit_exceeded() -> pytest.RaisesExc[BadContentError]:
    return pytest.raises(BadContentError, match=RESOURCE_LIMIT_EXCEEDED.code)


def test_it_reads_like_the_file() -> None:
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


def test_seeking_before_the_beginning_fails_as_on_disk() -> None:
    """zipfile tries it, and takes OSError for an answer."""
    with pytest.raises(OSError, match="negative"):
        bounded().seek(-1)


def test_the_limit_is_of_blocks_however_few_bytes_of_them() -> None:
    reader = bounded()
    for number in range(5):
        reader.seek(10 * number * BLOCK)
        reader.read(1)
    reader.seek(99 * BLOCK)
    with resource_limit_exceeded():
        reader.read(1)


def test_a_block_counts_once() -> None:
    reader = bounded()
    for _ in range(1000):
        reader.seek(0)
        reader.read(1)
        reader.seek(99 * BLOCK)
        reader.read(1)


def test_reading_the_same_bytes_forever_ends_too() -> None:
    reader = bounded()
    with resource_limit_exceeded():
        for _ in range(1000):
            reader.seek(0)
            reader.read(BLOCK)


def test_a_read_that_is_refused_asks_the_file_for_nothing() -> None:
    zeros = Zeros()
    reader = BoundedReader(zeros, 2**60, limit=BLOCK, seconds=60)  # type: ignore[arg-type]  # what is read of it
    with resource_limit_exceeded():
        reader.read()
    assert zeros.asked == 0


def test_time_runs_out() -> None:
    with resource_limit_exceeded():
        bounded(seconds=0).read(1)


def test_time_that_the_source_took_is_its_fault() -> None:
    class Slow(Zeros):
        def read(self, size: int = -1) -> bytes:
            time.sleep(0.06)
            return super().read(size)

    reader = BoundedReader(Slow(), SIZE, limit=SIZE, seconds=0.1)  # type: ignore[arg-type]  # what is read of it
    reader.read(1)
    reader.read(1)
    with pytest.raises(ServiceError) as caught:
        reader.read(1)
    assert caught.value.kind is STORAGE_UNAVAILABLE
    assert reader.source_error is caught.value


def test_the_sources_own_fault_is_kept_for_those_who_called_a_library_that_swallows_it() -> None:
    class Failing(Zeros):
        def read(self, size: int = -1) -> bytes:  # noqa: ARG002  # it fails whatever is asked for
            raise ServiceError(STORAGE_UNAVAILABLE)

    reader = BoundedReader(Failing(), SIZE, limit=BLOCK, seconds=60)  # type: ignore[arg-type]  # what is read of it
    with pytest.raises(ServiceError):
        reader.read(1)
    assert isinstance(reader.source_error, ServiceError)


def test_a_limit_is_no_fault_of_the_source() -> None:
    reader = bounded(limit=0)
    with resource_limit_exceeded():
        reader.read()
    assert reader.source_error is None
