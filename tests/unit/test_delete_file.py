"""Deleting files."""

import pytest

from chalicelib.core.errors import (
    FILE_NOT_FOUND,
    STORAGE_UNAVAILABLE,
    ServiceError,
)
from chalicelib.core.files.delete_file import DeleteFile, delete_file
from tests.database_ports import FakePorts
from tests.fakes.storage import FakeStorage
from tests.samples import OWNER
from tests.unit.use_cases import upload


class TestDeleteFile:
    def test_delete_removes_row_and_object(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)
        delete_file(DeleteFile(OWNER, file.id), files=db.files, tombstones=db.tombstones, storage=storage)
        assert storage.objects == {}
        with pytest.raises(ServiceError) as caught:
            delete_file(DeleteFile(OWNER, file.id), files=db.files, tombstones=db.tombstones, storage=storage)
        assert caught.value.kind is FILE_NOT_FOUND

    def test_delete_can_be_repeated_after_the_storage_failed(self, db: FakePorts, storage: FakeStorage) -> None:
        file = upload(db, storage)
        storage.down = True
        with pytest.raises(ServiceError) as caught:
            delete_file(DeleteFile(OWNER, file.id), files=db.files, tombstones=db.tombstones, storage=storage)
        assert caught.value.kind is STORAGE_UNAVAILABLE
        storage.down = False
        delete_file(DeleteFile(OWNER, file.id), files=db.files, tombstones=db.tombstones, storage=storage)
        assert storage.objects == {}
