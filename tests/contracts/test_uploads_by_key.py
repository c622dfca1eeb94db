"""The conformance suite of `Uploads`, of what the clients know by its key."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from chalicelib.core.files.model import NewFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.uploads.model import MultipartRef
from tests.database_ports import DatabasePorts
from tests.samples import OWNER, new_file

HOUR = timedelta(hours=1)


def add(db: DatabasePorts, upload_id: str | None = "u-1", size: int | None = None) -> NewFile:
    file = replace(new_file(), size=size, checksum=None, multipart_upload_id=upload_id)
    db.uploads.add(file, HOUR)
    return file


class TestFind:
    def test_file_with_key_and_upload_is_found(self, db: DatabasePorts) -> None:
        file = add(db)
        found = db.uploads.find(OWNER, MultipartRef(file.object_key, "u-1"))
        assert found is not None
        assert (found.id, found.multipart_upload_id) == (file.id, "u-1")

    def test_finished_file_is_found(self, db: DatabasePorts) -> None:
        file = add(db)
        db.files.mark_uploaded(OWNER, file.id, "etag")
        found = db.uploads.find(OWNER, MultipartRef(file.object_key, "u-1"))
        assert found is not None
        assert found.status is Status.UPLOADED

    @pytest.mark.parametrize("upload_id", ["u-2", "", "U-1"])
    def test_another_upload_is_not_found(self, db: DatabasePorts, upload_id: str) -> None:
        file = add(db)
        assert db.uploads.find(OWNER, MultipartRef(file.object_key, upload_id)) is None

    def test_another_key_and_another_owner_s_are_not_found(self, db: DatabasePorts) -> None:
        file, other = add(db), add(db, "u-2")
        assert db.uploads.find(OWNER, MultipartRef(other.object_key, "u-1")) is None
        assert db.uploads.find("somebody else", MultipartRef(file.object_key, "u-1")) is None

    def test_upload_that_is_not_known_is_not_found(self, db: DatabasePorts) -> None:
        file = add(db, None)
        assert db.uploads.find(OWNER, MultipartRef(file.object_key, "u-1")) is None


class TestBind:
    def test_first_upload_is_stored(self, db: DatabasePorts) -> None:
        file = add(db, None)
        for _ in range(2):
            bound = db.uploads.bind(OWNER, MultipartRef(file.object_key, "u-1"))
            assert bound is not None
            assert (bound.id, bound.multipart_upload_id, bound.version) == (file.id, "u-1", 1)
        assert db.uploads.bind(OWNER, MultipartRef(file.object_key, "u-2")) is None
        found = db.uploads.find(OWNER, MultipartRef(file.object_key, "u-1"))
        assert found == bound

    def test_another_key_and_another_owner_s_are_not_bound(self, db: DatabasePorts) -> None:
        file = add(db, None)
        assert db.uploads.bind(OWNER, MultipartRef("uploads/other", "u-1")) is None
        assert db.uploads.bind("somebody else", MultipartRef(file.object_key, "u-1")) is None
        assert db.uploads.find(OWNER, MultipartRef(file.object_key, "u-1")) is None

    def test_file_of_a_known_size_is_not_bound(self, db: DatabasePorts) -> None:
        """The service has created its multipart upload, or it is uploaded in one request."""
        file = add(db, None, size=10)
        assert db.uploads.bind(OWNER, MultipartRef(file.object_key, "u-1")) is None

    def test_file_whose_bytes_have_arrived_is_not_bound(self, db: DatabasePorts) -> None:
        file = add(db, None)
        db.files.mark_uploaded(OWNER, file.id, "etag")
        assert db.uploads.bind(OWNER, MultipartRef(file.object_key, "u-1")) is None
