"""Adopting objects without a row."""

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
