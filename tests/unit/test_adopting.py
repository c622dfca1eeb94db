"""Objects without a row."""

from chalicelib.core import deleting
from chalicelib.core.processing.process_file import Worker
from chalicelib.core.queries import ListQuery
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status
from tests.fake_rows import FakeRows
from tests.fake_storage import FakeStorage
from tests.samples import OWNER, checksum
from tests.unit.on_fakes import LEASE, hand_in


class TestAdopting:
    def test_an_object_without_a_row_is_processed(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        storage.objects["uploads/2026/über mich.txt"] = (b"abc", "text/plain")
        worker.process(CreatedObject("uploads/2026/über mich.txt"), LEASE)
        [file] = rows.list(OWNER, ListQuery())
        assert (file.name, file.size, file.status) == ("über mich.txt", 3, Status.PROCESSED)
        assert file.checksum == checksum(b"abc")

    def test_a_folder_marker_is_not_a_file(self, rows: FakeRows, storage: FakeStorage, worker: Worker) -> None:
        storage.objects["uploads/2026/"] = (b"", "")
        worker.process(CreatedObject("uploads/2026/"), LEASE)
        assert rows.list(OWNER, ListQuery()) == []

    def test_an_object_that_is_gone_again(self, rows: FakeRows, worker: Worker) -> None:
        worker.process(CreatedObject("uploads/gone.txt"), LEASE)
        assert rows.list(OWNER, ListQuery()) == []

    def test_bytes_that_arrive_after_their_file_was_deleted_are_deleted(
        self, rows: FakeRows, storage: FakeStorage, worker: Worker
    ) -> None:
        file = hand_in(rows, storage)
        deleting.delete(OWNER, file.id, files=rows, tombstones=rows, storage=storage)
        storage.objects[file.object_key] = (b"late", "text/plain")
        worker.process(CreatedObject(file.object_key), LEASE)
        assert storage.objects == {}
        assert rows.list(OWNER, ListQuery()) == []
