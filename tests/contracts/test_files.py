"""The conformance suite of `Files`."""

import pytest
import uuid_utils.compat as uuids
from msgspec.structs import replace

from chalicelib.core.files.file_list import ListQuery, Order, Position
from chalicelib.core.files.list_files import sort_key
from chalicelib.core.files.model import Analysis, File
from chalicelib.core.files.ports import RESULT_BYTES_IN_LISTING, DeletedFile, Listing, NewName
from chalicelib.core.files.statuses import Status
from chalicelib.core.files.update_file import UpdateFile, update_file
from chalicelib.core.processing.object_ref import ObjectRef
from tests.database_ports import (
    ALREADY_OVER,
    AT_ONCE,
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    claim_file,
    finish_file,
    reload,
)
from tests.samples import ANALYZED_OBJECT, OTHER_OWNER, OWNER, analysis, new_file


class TestFiles:
    def test_added_file_awaits_upload(self, db: DatabasePorts) -> None:
        new = new_file()
        db.files.add(new, MINUTE)
        file = db.files.get(OWNER, new.id)
        assert file is not None
        assert file.status is Status.AWAITING_UPLOAD
        assert (file.id, file.owner, file.name, file.object_key, file.size, file.declared_type, file.checksum) == (
            new.id,
            new.owner,
            new.name,
            new.object_key,
            new.size,
            new.declared_type,
            new.checksum,
        )
        assert (file.attempts, file.uploaded_at, file.processed_at, file.result, file.failure) == (0,) + (
            None,
        ) * 4

    def test_mark_uploaded_sets_status_and_time(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert file.status is Status.UPLOADED
        assert file.uploaded_at is not None
        assert file == reload(db, file)

    def test_mark_uploaded_of_claimed_file_keeps_its_status(self, db: DatabasePorts) -> None:
        new = new_file()
        db.files.add(new, MINUTE)
        claim = db.queue.claim(ObjectRef(new.object_key), MINUTE)
        assert claim is not None
        assert db.files.mark_uploaded(OWNER, new.id, "etag") == replace(claim, etag="etag")

    def test_mark_uploaded_of_deleted_file_returns_none(self, db: DatabasePorts) -> None:
        new = new_file()
        db.files.add(new, MINUTE)
        db.files.delete_leaving_tombstone(OWNER, new.id)
        assert db.files.mark_uploaded(OWNER, new.id, "etag") is None

    def test_rename_keeps_the_object_key(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        renamed = update_file(UpdateFile(OWNER, file.id, "b 😀.txt"), files=db.files)
        assert (renamed.name, renamed.object_key) == ("b 😀.txt", file.object_key)
        assert renamed.version > file.version

    @pytest.mark.parametrize("metadata", [{}, {"order": "7", "empty": "", "any": "Grüße 文件 👩‍👧\n\\\"'%"}])
    def test_an_added_file_has_its_metadata(self, db: DatabasePorts, metadata: dict[str, str]) -> None:
        new = new_file(metadata=metadata)
        db.files.add(new, MINUTE)
        file = db.files.mark_uploaded(OWNER, new.id, "etag")
        assert file is not None
        assert file.metadata == reload(db, file).metadata == metadata

    def test_metadata_is_replaced_as_a_whole(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        for metadata in ({"order": "7", "user": "ada"}, {"user": "bob"}, {}):
            changed = update_file(UpdateFile(OWNER, file.id, metadata=metadata), files=db.files)
            assert changed == replace(file, metadata=metadata, version=file.version + 1) == reload(db, file)
            file = changed

    def test_name_and_metadata_are_changed_in_one_version(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        changed = update_file(UpdateFile(OWNER, file.id, name="b.txt", metadata={"order": "7"}), files=db.files)
        assert (changed.name, changed.metadata, changed.version) == ("b.txt", {"order": "7"}, file.version + 1)

    def test_an_update_that_changes_nothing_makes_no_version(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        for metadata in ({}, {"order": "7", "user": "ada"}):
            file = update_file(UpdateFile(OWNER, file.id, metadata=metadata), files=db.files)
            again = dict(reversed(metadata.items()))
            assert update_file(UpdateFile(OWNER, file.id, metadata=again), files=db.files) == file
            assert update_file(UpdateFile(OWNER, file.id, name=file.name), files=db.files).version == file.version
            assert update_file(UpdateFile(OWNER, file.id), files=db.files).version == file.version

    def test_a_name_that_changes_nothing_leaves_the_mismatch_to_a_later_one(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        for name in (file.name, "b.png"):
            file = reload(db, file)
            db.files.update(OWNER, file.id, name=NewName(name, mismatch=True, version=file.version))
            assert reload(db, file).mismatch is True

    def test_unknown_file_is_none(self, db: DatabasePorts) -> None:
        unknown = uuids.uuid7()
        assert db.files.get(OWNER, unknown) is None
        assert db.files.mark_uploaded(OWNER, unknown, "etag") is None
        assert db.files.update(OWNER, unknown, name=NewName("b", mismatch=False, version=1)) is None
        assert db.files.delete_leaving_tombstone(OWNER, unknown) is None

    def test_file_of_another_owner_is_none(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert db.files.get(OTHER_OWNER, file.id) is None
        assert db.files.mark_uploaded(OTHER_OWNER, file.id, "etag") is None
        assert (
            db.files.update(OTHER_OWNER, file.id, name=NewName("mine", mismatch=False, version=file.version))
            is None
        )
        assert db.files.delete_leaving_tombstone(OTHER_OWNER, file.id) is None
        assert db.files.list(OTHER_OWNER, ListQuery()).files == []
        db.files.delete_leaving_tombstone(OWNER, file.id)
        assert db.files.delete_leaving_tombstone(OTHER_OWNER, file.id) is None


class TestList:
    def test_list_says_whether_there_are_more(self, db: DatabasePorts) -> None:
        assert db.files.list(OWNER, ListQuery(limit=1)) == Listing([], has_more=False)
        files = [add_uploaded(db), add_uploaded(db)]
        assert db.files.list(OWNER, ListQuery(limit=1)) == Listing(files[1:], has_more=True)
        assert db.files.list(OWNER, ListQuery(limit=2)) == Listing(files[::-1], has_more=False)

    def test_list_ends_with_the_file_with_which_the_results_exceed_their_limit(self, db: DatabasePorts) -> None:
        large = Analysis(
            detected_type="text/plain", result={"text": {"preview": "x" * (RESULT_BYTES_IN_LISTING // 2)}}
        )
        files = [finish_file(db, add_uploaded(db), large) for _ in range(4)][::-1]
        assert db.files.list(OWNER, ListQuery()) == Listing(files[:2], has_more=True)
        after = Position(Order.NEWEST, files[1].listed_at.isoformat(), files[1].id)
        assert db.files.list(OWNER, ListQuery(after=after)) == Listing(files[2:], has_more=False)

    def test_list_is_newest_first_by_default(self, db: DatabasePorts) -> None:
        files = [add_uploaded(db, f"{n}") for n in range(3)]
        assert db.files.list(OWNER, ListQuery()).files == files[::-1]

    @pytest.mark.parametrize("order", list(Order))
    def test_pages_in_any_order_have_each_file_once(self, db: DatabasePorts, order: Order) -> None:
        for name, size in [("b", 1), ("a", 2), ("b", 2), ("É", 0), ("a", 2), ("Z", 2**40)]:
            add_uploaded(db, name, size=size)
        whole = db.files.list(OWNER, ListQuery(order=order)).files
        assert len(whole) == 6
        keys = [(sort_key(order, file), file.id) for file in whole]
        assert keys == sorted(keys, reverse=order.descending)
        paged: list[File] = []
        after = None
        while page := db.files.list(OWNER, ListQuery(order=order, limit=2, after=after)).files:
            paged += page
            last = page[-1]
            after = Position(order, sort_key(order, last), last.id)
        assert paged == whole

    @pytest.mark.parametrize("order", [Order.NEWEST, Order.OLDEST])
    def test_files_are_sorted_by_when_their_bytes_arrived_not_by_their_ids(
        self, db: DatabasePorts, order: Order
    ) -> None:
        first, second = new_file("first row"), new_file("second row")
        for new in (first, second):
            db.files.add(new, MINUTE)
        db.files.mark_uploaded(OWNER, second.id, "etag")
        db.files.mark_uploaded(OWNER, first.id, "etag")
        ids = [file.id for file in db.files.list(OWNER, ListQuery(order=order)).files]
        assert ids == ([first.id, second.id] if order.descending else [second.id, first.id])

    def test_a_file_without_its_bytes_is_listed_at_the_time_of_its_row(self, db: DatabasePorts) -> None:
        new = new_file()
        db.files.add(new, MINUTE)
        later = add_uploaded(db, "later")
        assert [file.id for file in db.files.list(OWNER, ListQuery()).files] == [later.id, new.id]

    @pytest.mark.parametrize("limit", [1, 2, 9])
    def test_a_file_of_unknown_size_comes_before_an_empty_one(self, db: DatabasePorts, limit: int) -> None:
        sizes: list[int | None] = [None, 0, None, 5]
        for number, size in enumerate(sizes):
            db.files.add(new_file(f"{number}", size=size), MINUTE)
        paged: list[File] = []
        after = None
        while page := db.files.list(OWNER, ListQuery(order=Order.SIZE, limit=limit, after=after)).files:
            paged += page
            after = Position(Order.SIZE, sort_key(Order.SIZE, page[-1]), page[-1].id)
        assert [file.size for file in paged] == [None, None, 0, 5]

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({}, "abc"),
            ({"order": "7"}, "ab"),
            ({"order": "7", "user": "ada"}, "a"),
            ({"order": "07"}, ""),
            ({"Order": "7"}, ""),
            ({"user": ""}, "b"),
            ({"order": "7", "unknown": "x"}, ""),
            ({"quoted": "\"'%\\{}"}, "a"),
        ],
    )
    def test_by_metadata(self, db: DatabasePorts, wanted: dict[str, str], found: str) -> None:
        for name, metadata in [
            ("a", {"order": "7", "user": "ada", "quoted": "\"'%\\{}"}),
            ("b", {"order": "7", "user": ""}),
            ("c", {}),
        ]:
            db.files.add(new_file(name, metadata=metadata), MINUTE)
        db.files.add(new_file("theirs", owner=OTHER_OWNER, metadata={"order": "7"}), MINUTE)
        listing = db.files.list(OWNER, ListQuery(metadata=wanted, order=Order.NAME))
        assert "".join(file.name for file in listing.files) == found

    def test_pages_of_a_list_by_metadata(self, db: DatabasePorts) -> None:
        for number in range(7):
            db.files.add(new_file(f"{number}", metadata={"even": f"{number % 2 == 0}"}), MINUTE)
        wanted = ListQuery(metadata={"even": "True"}, order=Order.NAME, limit=3)
        first = db.files.list(OWNER, wanted)
        last = Position(Order.NAME, first.files[-1].name, first.files[-1].id)
        second = db.files.list(OWNER, replace(wanted, after=last))
        assert [file.name for file in first.files + second.files] == ["0", "2", "4", "6"]
        assert (first.has_more, second.has_more) == (True, False)

    def test_by_mismatch(self, db: DatabasePorts) -> None:
        waiting, matching, mismatched = (add_uploaded(db, name) for name in ("waiting", "matching", "mismatched"))
        db.queue.finish(claim_file(db, matching), analysis(), ANALYZED_OBJECT)
        db.queue.finish(claim_file(db, mismatched), analysis(mismatch=True), ANALYZED_OBJECT)
        assert [file.id for file in db.files.list(OWNER, ListQuery(mismatch=True)).files] == [mismatched.id]
        assert [file.id for file in db.files.list(OWNER, ListQuery(mismatch=False)).files] == [
            matching.id,
            waiting.id,
        ]
        db.files.update(OWNER, matching.id, name=NewName("not stored yet", mismatch=False, version=0))
        assert [file.id for file in db.files.list(OWNER, ListQuery(mismatch=False)).files] == [waiting.id]

    def test_list_by_status(self, db: DatabasePorts) -> None:
        add_uploaded(db)
        processing = claim_file(db, add_uploaded(db))
        assert db.files.list(OWNER, ListQuery(status=Status.PROCESSING)).files == [processing]

    @pytest.mark.parametrize(
        ("part", "found"), [("PORT", True), ("100%", True), ("_", False), ("%", True), ("\\", False)]
    )
    def test_list_by_part_of_the_name(self, db: DatabasePorts, part: str, found: bool) -> None:
        file = add_uploaded(db, "report 100%.txt")
        assert db.files.list(OWNER, ListQuery(name_contains=part)).files == ([file] if found else [])

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [("image/png", True), ("image/*", True), ("image/p", False), ("text/*", False), ("%/*", False)],
    )
    def test_list_by_type(self, db: DatabasePorts, wanted: str, found: bool) -> None:
        file = add_uploaded(db)
        db.queue.finish(claim_file(db, file), analysis("image/png"), ANALYZED_OBJECT)
        assert len(db.files.list(OWNER, ListQuery(type=wanted)).files) == found


class TestMismatch:
    def test_renaming_stores_a_mismatch_of_the_current_version_only(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        renamed = db.files.update(OWNER, file.id, name=NewName("a.png", mismatch=True, version=file.version))
        assert renamed is not None
        assert (renamed.mismatch, reload(db, file).mismatch) == (True, True)
        stale = db.files.update(OWNER, file.id, name=NewName("a.txt", mismatch=False, version=file.version))
        assert stale is not None
        assert (stale.name, stale.mismatch) == ("a.txt", None)


class TestRequeue:
    def test_requeued_file_is_due_at_once(self, db: DatabasePorts) -> None:
        done = add_processed(db)
        reopened = db.files.requeue(OWNER, done.id)
        assert reopened is not None
        assert (reopened.status, reopened.processed_at, reopened.attempts_this_round) == (Status.UPLOADED, None, 0)
        assert reopened.version > done.version
        assert list(db.queue.overdue(MINUTE, 9)) == [reopened]
        assert claim_file(db, done).attempts == 2

    def test_worker_of_the_previous_round_stores_nothing(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        slow = claim_file(db, file, ALREADY_OVER)
        db.queue.finish(claim_file(db, file), analysis(), ANALYZED_OBJECT)
        db.files.requeue(OWNER, file.id)
        claim_file(db, file)
        assert db.queue.finish(slow, analysis(), ANALYZED_OBJECT) is None

    def test_backoff_starts_again_after_requeue(self, db: DatabasePorts) -> None:
        done = add_processed(db)
        db.files.requeue(OWNER, done.id)
        db.queue.release(claim_file(db, done))
        assert list(db.queue.overdue(MINUTE, 9)) == []
        assert [file.id for file in db.queue.overdue(AT_ONCE, 9)] == [done.id]

    def test_only_finished_files_can_be_requeued(self, db: DatabasePorts) -> None:
        waiting, done = add_uploaded(db), add_processed(db)
        new = new_file()
        db.files.add(new, MINUTE)
        assert db.files.requeue(OWNER, waiting.id) is None
        assert db.files.requeue(OWNER, new.id) is None
        assert db.files.requeue(OTHER_OWNER, done.id) is None
        assert reload(db, done) == done


class TestDeleteLeavingTombstone:
    def test_delete_returns_the_key_until_the_tombstone_is_cleared(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert db.files.delete_leaving_tombstone(OWNER, file.id) == DeletedFile(file.object_key)
        assert db.files.get(OWNER, file.id) is None
        assert db.files.delete_leaving_tombstone(OWNER, file.id) == DeletedFile(file.object_key)
        assert list(db.tombstones.pending(ALREADY_OVER, 10)) == [DeletedFile(file.object_key)]
        assert list(db.tombstones.pending(MINUTE, 10)) == []
        db.tombstones.clear(file.object_key)
        assert db.files.delete_leaving_tombstone(OWNER, file.id) is None
        assert list(db.tombstones.pending(ALREADY_OVER, 10)) == []
