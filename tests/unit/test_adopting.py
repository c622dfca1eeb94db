"""Objects without a row."""

from chalicelib.core.files import delete_file
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.process_file import Worker
from tests.fake_rows import FakeRows
from tests.fake_storage import FakeStorage
from tests.samples import OWNER, checksum
from tests.unit.on_fakes import LEASE, hand_in


class TestAdopting:
    def test_an_object_without_a_row_is_processed(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        storage.objects["uploads/2026/über mich.txt"] = (b"abc", "text/plain")
        worker.process(ObjectRef("uploads/2026/über mich.txt"), LEASE)
        [file] = rows.list(OWNER, ListQuery())
        assert (file.name, file.size, file.status) == ("über mich.txt", 3, Status.PROCESSED)
        assert file.checksum == checksum(b"abc")

    def test_a_folder_marker_is_not_a_file(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        storage.objects["uploads/2026/"] = (b"", "")
        worker.process(ObjectRef("uploads/2026/"), LEASE)
        assert rows.list(OWNER, ListQuery()) == []

    def test_an_object_that_is_gone_again(self, rows: FakeRows, worker: Worker) -> None:
        worker.process(ObjectRef("uploads/gone.txt"), LEASE)
        assert rows.list(OWNER, ListQuery()) == []

    def test_bytes_that_arrive_after_their_file_was_deleted_are_deleted(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        delete_file.delete_file(
            delete_file.DeleteFile(OWNER, file.id), files=rows, tombstones=rows, storage=storage
        )
        storage.objects[file.object_key] = (b"late", "text/plain")
        worker.process(ObjectRef(file.object_key), LEASE)
        assert storage.objects == {}
        assert rows.list(OWNER, ListQuery()) == []
