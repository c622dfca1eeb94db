"""What the rows promise of comparing them with the bucket."""

from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import Failure, File
from chalicelib.core.files.object_keys import thumbnail_key
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectPage
from tests.contracts.on_rows import ALREADY_OVER, MINUTE, Rows, claimed, present, uploaded
from tests.samples import CONTENT, OWNER, description, new_file


def listing(*files: File, more: bool = False) -> ObjectPage:
    objects = [ObjectRef(file.object_key, "etag", 3) for file in files]
    return ObjectPage(sorted(objects, key=lambda listed: listed.key.encode()), more)


def done(rows: Rows, name: str = "a.txt") -> File:
    file = rows.finish(claimed(rows, uploaded(rows, name)), description(), CONTENT)
    assert file is not None
    return file


class TestInventory:
    def test_the_position_is_kept(self, rows: Rows) -> None:
        assert rows.cursor("uploads/") == ""
        for key in ("uploads/1", "uploads/2", ""):
            rows.save_cursor("uploads/", key)
            assert rows.cursor("uploads/") == key
        rows.save_cursor("uploads/", "uploads/3")
        assert rows.cursor("derived/") == ""

    def test_what_is_as_it_should_be(self, rows: Rows) -> None:
        files = [done(rows), uploaded(rows), claimed(rows, uploaded(rows))]
        found = rows.compare(listing(*files), "", ALREADY_OVER, 9)
        assert (list(found.unprocessed), list(found.missing)) == ([], [])

    def test_an_object_without_a_row(self, rows: Rows) -> None:
        page = ObjectPage([ObjectRef("uploads/stranger", "e", 1)], has_more=False)
        found = rows.compare(page, "", MINUTE, 9)
        assert (list(found.unprocessed), list(found.missing)) == (["uploads/stranger"], [])

    def test_another_object_than_the_row_knows(self, rows: Rows) -> None:
        file = done(rows)
        page = ObjectPage([ObjectRef(file.object_key, "other", 1)], has_more=False)
        assert list(rows.compare(page, "", ALREADY_OVER, 9).unprocessed) == [file.object_key]
        assert list(rows.compare(page, "", MINUTE, 9).unprocessed) == []

    def test_bytes_that_the_row_waits_for(self, rows: Rows) -> None:
        waiting, expired = new_file(), new_file()
        rows.add(waiting, MINUTE)
        rows.add(expired, ALREADY_OVER)
        for overdue in rows.overdue(MINUTE, 9):
            rows.expire(overdue)
        page = listing(present_of(rows, waiting.id), present_of(rows, expired.id))
        found = rows.compare(page, "", ALREADY_OVER, 9)
        assert sorted(found.unprocessed) == sorted([waiting.object_key, expired.object_key])
        assert list(rows.compare(page, "", MINUTE, 9).unprocessed) == []

    def test_an_object_that_is_gone(self, rows: Rows) -> None:
        file = done(rows)
        uploaded(rows)  # is looked for when it is processed
        empty = ObjectPage([], has_more=False)
        assert list(rows.compare(empty, "", ALREADY_OVER, 9).missing) == [file.object_key]
        assert list(rows.compare(empty, "", MINUTE, 9).missing) == []

    def test_what_is_known_to_be_gone_is_told_once_and_again_when_it_is_back(self, rows: Rows) -> None:
        file = uploaded(rows)
        failed = rows.finish(claimed(rows, file), Failure(OBJECT_MISSING.code, "gone"), None)
        assert failed is not None
        assert list(rows.compare(ObjectPage([], has_more=False), "", ALREADY_OVER, 9).missing) == []
        assert list(rows.compare(listing(file), "", ALREADY_OVER, 9).unprocessed) == [file.object_key]

    def test_only_keys_between_the_pages_ends_are_missed(self, rows: Rows) -> None:
        files = sorted((done(rows) for _ in range(5)), key=lambda file: file.object_key)
        page = listing(files[1], files[3], more=True)
        missed = rows.compare(page, files[0].object_key, ALREADY_OVER, 9).missing
        assert list(missed) == [files[2].object_key]
        assert len(rows.compare(ObjectPage([], has_more=False), "", ALREADY_OVER, 2).missing) == 2

    def test_thumbnails_that_no_row_refers_to(self, rows: Rows) -> None:
        file = uploaded(rows)
        kept = thumbnail_key(file.id, 1)
        rows.finish(claimed(rows, file), description(), CONTENT, kept)
        busy, nobody = claimed(rows, uploaded(rows)), new_file()
        keys = {
            kept: file.id,
            thumbnail_key(file.id, 2): file.id,
            thumbnail_key(busy.id, 1): busy.id,
            thumbnail_key(nobody.id, 1): nobody.id,
        }
        assert sorted(rows.orphaned_thumbnails(keys)) == sorted(
            [thumbnail_key(file.id, 2), thumbnail_key(nobody.id, 1)]
        )
        assert list(rows.orphaned_thumbnails({})) == []
        assert list(rows.delete_leaving_tombstone(OWNER, file.id)) == [file.object_key, kept]
        assert list(rows.delete_leaving_tombstone(OWNER, file.id)) == [file.object_key]

    def test_rechecking(self, rows: Rows) -> None:
        file, waiting = done(rows), uploaded(rows)
        rows.requeue_by_key(file.object_key)
        rows.requeue_by_key(waiting.object_key)
        assert present(rows, file).status is Status.UPLOADED
        assert present(rows, waiting) == waiting
        assert [overdue.id for overdue in rows.overdue(MINUTE, 9)] == [file.id]


def present_of(rows: Rows, file_id: object) -> File:
    [file] = [file for file in rows.list(OWNER, ListQuery()) if file.id == file_id]
    return file
