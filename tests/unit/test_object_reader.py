"""An object as a seekable file."""

import io

import pytest

from chalicelib.core.errors import ObjectChangedError
from chalicelib.core.streams.object_reader import BLOCK, ObjectReader
from tests.fakes.storage import FakeStorage


class TestObjectReader:
    def test_small_object_is_one_request_and_empty_object_none(self, storage: FakeStorage) -> None:
        storage.objects = {"small": (b"x" * BLOCK, ""), "empty": (b"", "")}
        assert ObjectReader(storage, "small", BLOCK).read() == b"x" * BLOCK
        assert storage.requests == 1
        assert ObjectReader(storage, "empty", 0).read() == b""
        assert storage.requests == 1

    def test_object_reader_seeks_like_a_file(self, storage: FakeStorage) -> None:
        content = bytes(range(256)) * 4096
        storage.objects = {"k": (content, "")}
        with io.BufferedReader(ObjectReader(storage, "k", len(content))) as source:
            source.seek(-10, io.SEEK_END)
            assert source.read() == content[-10:]
            source.seek(5)
            assert source.read(3) == content[5:8]
            assert source.tell() == 8
            source.seek(2, io.SEEK_CUR)
            assert source.read(1) == content[10:11]
        assert storage.requests == 2

    def test_negative_seek_is_refused(self, storage: FakeStorage) -> None:
        with ObjectReader(storage, "k", 5) as source, pytest.raises(ValueError, match="negative"):
            source.seek(-1)

    def test_replaced_object_raises_object_changed(self, storage: FakeStorage) -> None:
        storage.objects = {"k": (b"a" * 2 * BLOCK, "")}
        source = ObjectReader(storage, "k", 2 * BLOCK)
        assert source.read(BLOCK) == b"a" * BLOCK
        storage.objects = {"k": (b"b" * 2 * BLOCK, "")}
        with pytest.raises(ObjectChangedError):
            source.read(BLOCK)

    @pytest.mark.parametrize("size", [3, 5, 500])
    def test_object_of_another_size_raises_object_changed(self, storage: FakeStorage, size: int) -> None:
        storage.objects = {"k": (b"four", "")}
        with pytest.raises(ObjectChangedError):
            ObjectReader(storage, "k", size).read(1)
