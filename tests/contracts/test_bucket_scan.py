"""The conformance suite of `BucketScan`."""

from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import Failure, File
from chalicelib.core.files.object_keys import thumbnail_key
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectPage
from tests.database_ports import (
    ALREADY_OVER,
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    claim_file,
    reload,
)
from tests.samples import ANALYZED_OBJECT, OWNER, analysis, new_file


def list_objects(*files: File, more: bool = False) -> ObjectPage:
    objects = [ObjectRef(file.object_key, "etag", 3) for file in files]
    return ObjectPage(sorted(objects, key=lambda listed: listed.key.encode()), more)


class TestBucketScan:
    def test_cursor_is_saved_for_each_prefix(self, db: DatabasePorts) -> None:
        assert db.bucket_scan.cursor("uploads/") == ""
        for key in ("uploads/1", "uploads/2", ""):
            db.bucket_scan.save_cursor("uploads/", key)
            assert db.bucket_scan.cursor("uploads/") == key
        db.bucket_scan.save_cursor("uploads/", "uploads/3")
        assert db.bucket_scan.cursor("derived/") == ""

    def test_compare_of_matching_rows_and_objects_is_empty(self, db: DatabasePorts) -> None:
        files = [add_processed(db), add_uploaded(db), claim_file(db, add_uploaded(db))]
        diff = db.bucket_scan.compare(list_objects(*files), "", ALREADY_OVER, 9)
        assert (list(diff.unprocessed), list(diff.missing)) == ([], [])

    def test_compare_returns_object_without_a_row(self, db: DatabasePorts) -> None:
        page = ObjectPage([ObjectRef("uploads/unknown", "e", 1)], has_more=False)
        diff = db.bucket_scan.compare(page, "", MINUTE, 9)
        assert (list(diff.unprocessed), list(diff.missing)) == (["uploads/unknown"], [])

    def test_compare_returns_object_with_another_etag_once_settled(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        page = ObjectPage([ObjectRef(file.object_key, "other", 1)], has_more=False)
        assert list(db.bucket_scan.compare(page, "", ALREADY_OVER, 9).unprocessed) == [file.object_key]
        assert list(db.bucket_scan.compare(page, "", MINUTE, 9).unprocessed) == []

    def test_compare_returns_object_of_row_that_awaits_it(self, db: DatabasePorts) -> None:
        waiting, expired = new_file(), new_file()
        db.files.add(waiting, MINUTE)
        db.files.add(expired, ALREADY_OVER)
        for overdue in db.queue.overdue(MINUTE, 9):
            db.queue.expire(overdue)
        page = list_objects(present_of(db, waiting.id), present_of(db, expired.id))
        diff = db.bucket_scan.compare(page, "", ALREADY_OVER, 9)
        assert sorted(diff.unprocessed) == sorted([waiting.object_key, expired.object_key])
        assert list(db.bucket_scan.compare(page, "", MINUTE, 9).unprocessed) == []

    def test_compare_returns_missing_object_of_finished_file(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        add_uploaded(db)  # is looked for when it is processed
        empty = ObjectPage([], has_more=False)
        assert list(db.bucket_scan.compare(empty, "", ALREADY_OVER, 9).missing) == [file.object_key]
        assert list(db.bucket_scan.compare(empty, "", MINUTE, 9).missing) == []

    def test_object_known_as_missing_is_returned_when_it_is_back(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        failed = db.queue.finish(claim_file(db, file), Failure(OBJECT_MISSING.code, "gone"), None)
        assert failed is not None
        assert list(db.bucket_scan.compare(ObjectPage([], has_more=False), "", ALREADY_OVER, 9).missing) == []
        assert list(db.bucket_scan.compare(list_objects(file), "", ALREADY_OVER, 9).unprocessed) == [
            file.object_key
        ]

    def test_missing_objects_are_only_those_within_the_page(self, db: DatabasePorts) -> None:
        files = sorted((add_processed(db) for _ in range(5)), key=lambda file: file.object_key)
        page = list_objects(files[1], files[3], more=True)
        missed = db.bucket_scan.compare(page, files[0].object_key, ALREADY_OVER, 9).missing
        assert list(missed) == [files[2].object_key]
        assert len(db.bucket_scan.compare(ObjectPage([], has_more=False), "", ALREADY_OVER, 2).missing) == 2

    def test_orphaned_thumbnails_are_those_without_a_row(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        kept = thumbnail_key(file.id, 1)
        db.queue.finish(claim_file(db, file), analysis(), ANALYZED_OBJECT, kept)
        claimed, unknown = claim_file(db, add_uploaded(db)), new_file()
        keys = {
            kept: file.id,
            thumbnail_key(file.id, 2): file.id,
            thumbnail_key(claimed.id, 1): claimed.id,
            thumbnail_key(unknown.id, 1): unknown.id,
        }
        assert sorted(db.bucket_scan.orphaned_thumbnails(keys)) == sorted(
            [thumbnail_key(file.id, 2), thumbnail_key(unknown.id, 1)]
        )
        assert list(db.bucket_scan.orphaned_thumbnails({})) == []
        assert db.files.delete_leaving_tombstone(OWNER, file.id) == DeletedFile(file.object_key, None, kept)
        assert db.files.delete_leaving_tombstone(OWNER, file.id) == DeletedFile(file.object_key)

    def test_requeue_by_key_requeues_finished_files_only(self, db: DatabasePorts) -> None:
        file, waiting = add_processed(db), add_uploaded(db)
        db.bucket_scan.requeue_by_key(file.object_key)
        db.bucket_scan.requeue_by_key(waiting.object_key)
        assert reload(db, file).status is Status.UPLOADED
        assert reload(db, waiting) == waiting
        assert [overdue.id for overdue in db.queue.overdue(MINUTE, 9)] == [file.id]


def present_of(db: DatabasePorts, file_id: object) -> File:
    [file] = [file for file in db.files.list(OWNER, ListQuery()).files if file.id == file_id]
    return file
