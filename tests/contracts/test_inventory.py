"""What the rows promise of comparing them with the bucket."""

from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files import Failure, File
from chalicelib.core.names import thumbnail_key
from chalicelib.core.ports import Listing
from chalicelib.core.queries import ListQuery
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status
from tests.contracts.on_rows import ALREADY_OVER, MINUTE, Rows, claimed, present, uploaded
from tests.samples import CONTENT, OWNER, description, new_file


def listing(*files: File, more: bool = False) -> Listing:
    objects = [CreatedObject(file.object_key, "etag", 3) for file in files]
    return Listing(sorted(objects, key=lambda listed: listed.key.encode()), more)


def done(rows: Rows, name: str = "a.txt") -> File:
    file = rows.finish(claimed(rows, uploaded(rows, name)), description(), CONTENT)
    assert file is not None
    return file


class TestInventory:
    def test_the_position_is_kept(self, rows: Rows) -> None:
        assert rows.position("uploads/") == ""
        for key in ("uploads/1", "uploads/2", ""):
            rows.move_to("uploads/", key)
            assert rows.position("uploads/") == key
        rows.move_to("uploads/", "uploads/3")
        assert rows.position("derived/") == ""

    def test_what_is_as_it_should_be(self, rows: Rows) -> None:
        files = [done(rows), uploaded(rows), claimed(rows, uploaded(rows))]
        found = rows.compare(listing(*files), "", ALREADY_OVER, 9)
        assert (list(found.unheard_of), list(found.gone)) == ([], [])

    def test_an_object_without_a_row(self, rows: Rows) -> None:
        page = Listing([CreatedObject("uploads/stranger", "e", 1)], more=False)
        found = rows.compare(page, "", MINUTE, 9)
        assert (list(found.unheard_of), list(found.gone)) == (["uploads/stranger"], [])

    def test_another_object_than_the_row_knows(self, rows: Rows) -> None:
        file = done(rows)
        page = Listing([CreatedObject(file.object_key, "other", 1)], more=False)
        assert list(rows.compare(page, "", ALREADY_OVER, 9).unheard_of) == [file.object_key]
        assert list(rows.compare(page, "", MINUTE, 9).unheard_of) == []

    def test_bytes_that_the_row_waits_for(self, rows: Rows) -> None:
        waiting, expired = new_file(), new_file()
        rows.add(waiting, MINUTE)
        rows.add(expired, ALREADY_OVER)
        for overdue in rows.overdue(MINUTE, 9):
            rows.expire(overdue)
        page = listing(present_of(rows, waiting.id), present_of(rows, expired.id))
        found = rows.compare(page, "", ALREADY_OVER, 9)
        assert sorted(found.unheard_of) == sorted([waiting.object_key, expired.object_key])
        assert list(rows.compare(page, "", MINUTE, 9).unheard_of) == []

    def test_an_object_that_is_gone(self, rows: Rows) -> None:
        file = done(rows)
        uploaded(rows)  # is looked for when it is processed
        empty = Listing([], more=False)
        assert list(rows.compare(empty, "", ALREADY_OVER, 9).gone) == [file.object_key]
        assert list(rows.compare(empty, "", MINUTE, 9).gone) == []

    def test_what_is_known_to_be_gone_is_told_once_and_again_when_it_is_back(self, rows: Rows) -> None:
        file = uploaded(rows)
        failed = rows.finish(claimed(rows, file), Failure(OBJECT_MISSING.code, "gone"), None)
        assert failed is not None
        assert list(rows.compare(Listing([], more=False), "", ALREADY_OVER, 9).gone) == []
        assert list(rows.compare(listing(file), "", ALREADY_OVER, 9).unheard_of) == [file.object_key]

    def test_only_keys_between_the_pages_ends_are_missed(self, rows: Rows) -> None:
        files = sorted((done(rows) for _ in range(5)), key=lambda file: file.object_key)
        page = listing(files[1], files[3], more=True)
        missed = rows.compare(page, files[0].object_key, ALREADY_OVER, 9).gone
        assert list(missed) == [files[2].object_key]
        assert len(rows.compare(Listing([], more=False), "", ALREADY_OVER, 2).gone) == 2

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
        assert sorted(rows.strays(keys)) == sorted([thumbnail_key(file.id, 2), thumbnail_key(nobody.id, 1)])
        assert list(rows.strays({})) == []
        assert list(rows.bury(OWNER, file.id)) == [file.object_key, kept]
        assert list(rows.bury(OWNER, file.id)) == [file.object_key]

    def test_rechecking(self, rows: Rows) -> None:
        file, waiting = done(rows), uploaded(rows)
        rows.recheck(file.object_key)
        rows.recheck(waiting.object_key)
        assert present(rows, file).status is Status.UPLOADED
        assert present(rows, waiting) == waiting
        assert [overdue.id for overdue in rows.overdue(MINUTE, 9)] == [file.id]


def present_of(rows: Rows, file_id: object) -> File:
    [file] = [file for file in rows.list(OWNER, ListQuery()) if file.id == file_id]
    return file
