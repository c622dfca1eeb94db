"""Adopting objects without a row."""

import pytest

from chalicelib.core.accounts.model import AllOwners
from chalicelib.core.files.delete_file import DeleteFile, delete_file
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from tests.database_ports import FakePorts
from tests.fakes.storage import FakeStorage
from tests.samples import OWNER, checksum
from tests.unit.use_cases import LEASE, upload


class TestAdoptObject:
    def test_object_without_row_is_adopted_and_processed(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        storage.objects["uploads/2026/über mich.txt"] = (b"abc", "text/plain")
        worker.process(ObjectRef("uploads/2026/über mich.txt"), LEASE)
        [file] = db.files.list(OWNER, ListQuery()).files
        assert (file.name, file.size, file.status) == ("über mich.txt", 3, Status.PROCESSED)
        assert file.checksum == checksum(b"abc")

    @pytest.mark.parametrize(
        ("key", "owner", "name"),
        [
            ("uploads/by/alice/a.txt", "alice", "a.txt"),
            ("uploads/by/alice/2026/08/a.txt", "alice", "a.txt"),
            ("uploads/by/alice//a.txt", "alice", "a.txt"),
            ("uploads/by/alice/", "alice", "unnamed"),
            ("uploads/by/alice/..", "alice", "unnamed"),
            ("uploads/by/alice/../bob/a.txt", "alice", "a.txt"),
            ("uploads/by/müller & söhne/文件.txt", "müller & söhne", "文件.txt"),
            ("uploads/by/mu\u0308ller/x", "m\u00fcller", "x"),
            ("uploads/by/a+b@example.com/a+b.txt", "a+b@example.com", "a+b.txt"),
            ("uploads/by/a%2Fb/x", "a%2Fb", "x"),  # decoded once, by S3's client or the event's reader
            ("uploads/by/by/by", "by", "by"),
            (f"uploads/by/{'o' * 128}/x", "o" * 128, "x"),
            (f"uploads/by/{'o' * 129}/x", OWNER, "x"),
            ("uploads/by//x", OWNER, "x"),
            ("uploads/by/alice", OWNER, "alice"),
            ("uploads/by/../x", OWNER, "x"),
            ("uploads/by/./x", OWNER, "x"),
            ("uploads/by/ alice/x", OWNER, "x"),
            ("uploads/by/ali\nce/x", OWNER, "x"),
            ("uploads/by/ali\u202ece/x", OWNER, "x"),
            ("uploads/By/alice/x", OWNER, "x"),
            ("uploads/bypass/alice/x", OWNER, "x"),
            ("uploads/2026/by/alice/x", OWNER, "x"),
        ],
    )
    def test_a_key_may_name_the_owner(
        self, db: FakePorts, storage: FakeStorage, worker: Worker, key: str, owner: str, name: str
    ) -> None:
        storage.objects[key] = (b"abc", "text/plain")
        worker.process(ObjectRef(key), LEASE)
        [file] = db.files.list(AllOwners.ALL, ListQuery()).files
        assert (file.owner, file.name, file.object_key) == (owner, name, key)

    def test_folder_marker_of_the_console_is_not_adopted(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        storage.objects["uploads/2026/"] = (b"", "")
        worker.process(ObjectRef("uploads/2026/"), LEASE)
        assert db.files.list(OWNER, ListQuery()).files == []

    def test_object_deleted_before_adoption_is_not_adopted(self, db: FakePorts, worker: Worker) -> None:
        worker.process(ObjectRef("uploads/gone.txt"), LEASE)
        assert db.files.list(OWNER, ListQuery()).files == []

    def test_object_arriving_after_its_file_was_deleted_is_deleted(
        self, db: FakePorts, storage: FakeStorage, worker: Worker
    ) -> None:
        file = upload(db, storage)
        delete_file(DeleteFile(OWNER, file.id), files=db.files, tombstones=db.tombstones, storage=storage)
        storage.objects[file.object_key] = (b"late", "text/plain")
        worker.process(ObjectRef(file.object_key), LEASE)
        assert storage.objects == {}
        assert db.files.list(OWNER, ListQuery()).files == []
