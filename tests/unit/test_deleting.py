"""Deleting files."""

import pytest

from chalicelib.core.errors import (
    FILE_NOT_FOUND,
    STORAGE_UNAVAILABLE,
    ServiceError,
)
from chalicelib.core.files import delete_file
from tests.fake_rows import FakeRows
from tests.fake_storage import FakeStorage
from tests.samples import OWNER
from tests.unit.on_fakes import hand_in


class TestDeleting:
    def test_row_and_object_go(self, rows: FakeRows, storage: FakeStorage) -> None:
        file = hand_in(rows, storage)
        delete_file.delete_file(
            delete_file.DeleteFile(OWNER, file.id), files=rows, tombstones=rows, storage=storage
        )
        assert storage.objects == {}
        with pytest.raises(ServiceError) as caught:
            delete_file.delete_file(
                delete_file.DeleteFile(OWNER, file.id), files=rows, tombstones=rows, storage=storage
            )
        assert caught.value.kind is FILE_NOT_FOUND

    def test_when_the_storage_fails_the_call_can_be_repeated(self, rows: FakeRows, storage: FakeStorage) -> None:
        file = hand_in(rows, storage)
        storage.down = True
        with pytest.raises(ServiceError) as caught:
            delete_file.delete_file(
                delete_file.DeleteFile(OWNER, file.id), files=rows, tombstones=rows, storage=storage
            )
        assert caught.value.kind is STORAGE_UNAVAILABLE
        storage.down = False
        delete_file.delete_file(
            delete_file.DeleteFile(OWNER, file.id), files=rows, tombstones=rows, storage=storage
        )
        assert storage.objects == {}
