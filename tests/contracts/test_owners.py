"""The conformance suite of owners: each call that finds a file, for its owner, another one, and all owners."""

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from msgspec.structs import replace

from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import ListQuery, Order, Position
from chalicelib.core.files.list_files import sort_key
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import NewName
from chalicelib.core.files.statuses import Status
from chalicelib.core.uploads.model import MultipartRef
from tests.database_ports import (
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    claim_file,
    finish_file,
    reload,
)
from tests.samples import ANALYZED_OBJECT, OTHER_OWNER, OWNER, analysis, new_file

ALL = AllOwners.ALL
BY_OWNER = pytest.mark.parametrize(("owners", "found"), [(OWNER, True), (OTHER_OWNER, False), (ALL, True)])

NAMES = [("b", OWNER), ("a", OTHER_OWNER), ("a", OWNER), ("c", "third"), ("b", OTHER_OWNER), ("c", OTHER_OWNER)]


def await_bytes(db: DatabasePorts, upload_id: str | None = "u-1") -> File:
    new = replace(new_file(size=None), checksum=None, multipart_upload_id=upload_id)
    return db.uploads.add(new, MINUTE)


def ref(file: File) -> MultipartRef:
    return MultipartRef(file.object_key, "u-1")


@BY_OWNER
class TestOneFile:
    def test_get(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = add_uploaded(db)
        assert db.files.get(owners, file.id) == (file if found else None)

    def test_update(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = add_uploaded(db)
        name = NewName("b.txt", mismatch=False, version=file.version)
        updated = db.files.update(owners, file.id, name=name, metadata={"order": "7"})
        assert (updated is not None) == found
        assert reload(db, file).name == ("b.txt" if found else file.name)
        assert reload(db, file).owner == OWNER

    def test_requeue(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = add_processed(db)
        assert (db.files.requeue(owners, file.id) is not None) == found
        assert reload(db, file).status is (Status.UPLOADED if found else Status.PROCESSED)

    def test_delete(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = add_uploaded(db)
        for _ in range(2):  # the second time, the tombstone is found
            assert (db.files.delete_leaving_tombstone(owners, file.id) is not None) == found
        assert (db.files.get(OWNER, file.id) is None) == found

    def test_the_tombstone_of_a_deleted_file(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = add_uploaded(db)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        assert (db.files.delete_leaving_tombstone(owners, file.id) is not None) == found

    def test_delete_of_an_upload(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = await_bytes(db)
        assert (db.uploads.delete(owners, file.id) is not None) == found
        assert (db.files.get(OWNER, file.id) is None) == found

    def test_find(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = await_bytes(db)
        assert db.uploads.find(owners, ref(file)) == (file if found else None)

    def test_bind(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = await_bytes(db, upload_id=None)
        assert (db.uploads.bind(owners, ref(file)) is not None) == found
        assert reload(db, file).multipart_upload_id == ("u-1" if found else None)

    def test_timeline(self, db: DatabasePorts, owners: Owners, found: bool) -> None:
        file = add_uploaded(db)
        for steps in (2, 3):
            assert len(db.history.timeline(owners, file.id, 9)) == (steps if found else 0)
            db.files.delete_leaving_tombstone(OWNER, file.id)  # what was deleted is still found


def add_files(db: DatabasePorts) -> list[File]:
    """Add files of three owners; names and sizes occur several times."""
    return [add_uploaded(db, name, size=size % 2, owner=owner) for size, (name, owner) in enumerate(NAMES)]


def pages(db: DatabasePorts, query: ListQuery) -> list[File]:
    """Return the files of all pages of all owners' list."""
    found: list[File] = []
    while True:
        listing = db.files.list(ALL, query)
        found += listing.files
        if not listing.has_more:
            return found
        last = found[-1]
        query = replace(query, after=Position(query.order, sort_key(query.order, last), last.id))


class TestList:
    def test_without_files(self, db: DatabasePorts) -> None:
        assert db.files.list(ALL, ListQuery()).files == []

    @pytest.mark.parametrize("limit", [1, 2, 4, 9])
    @pytest.mark.parametrize("order", list(Order))
    def test_all_owners_files_are_in_one_order(self, db: DatabasePorts, order: Order, limit: int) -> None:
        files = add_files(db)
        listed = pages(db, ListQuery(order=order, limit=limit))
        by_position = sorted(files, key=lambda file: (sort_key(order, file), file.id), reverse=order.descending)
        assert listed == by_position

    def test_of_one_owner(self, db: DatabasePorts) -> None:
        files = add_files(db)
        for owner in (OWNER, OTHER_OWNER, "third", "nobody"):
            listed = db.files.list(owner, ListQuery(order=Order.OLDEST)).files
            assert listed == [file for file in files if file.owner == owner]

    def test_the_first_page_may_be_one_owners(self, db: DatabasePorts) -> None:
        """As many of them are newest as a page has, and owners before and after it have older ones."""
        for owner in ("a", "z"):
            add_uploaded(db, owner=owner)
        newest = [add_uploaded(db, owner="m") for _ in range(3)][::-1]
        listing = db.files.list(ALL, ListQuery(limit=3))
        assert (listing.files, listing.has_more) == (newest, True)

    def test_filters(self, db: DatabasePorts) -> None:
        for number, owner in enumerate([OWNER, OTHER_OWNER, OWNER, OTHER_OWNER]):
            db.files.add(new_file(f"{number}", owner=owner, metadata={"even": f"{number % 2 == 0}"}), MINUTE)
        image, text = (add_uploaded(db, name, owner="third") for name in ("image", "text"))
        db.queue.finish(claim_file(db, image), analysis("image/png", mismatch=True), ANALYZED_OBJECT)
        finish_file(db, text, analysis())
        expected: Sequence[tuple[ListQuery, str]] = [
            (ListQuery(status=Status.AWAITING_UPLOAD), "0123"),
            (ListQuery(metadata={"even": "True"}), "02"),
            (ListQuery(metadata={"even": "False"}), "13"),
            (ListQuery(metadata={"even": "x"}), ""),
            (ListQuery(type="image/*"), "image"),
            (ListQuery(type="text/plain"), "text"),
            (ListQuery(mismatch=True), "image"),
            (ListQuery(mismatch=False), "0123text"),
            (ListQuery(name_contains="T"), "text"),
        ]
        for query, names in expected:
            ordered = replace(query, order=Order.NAME, limit=2)
            assert "".join(file.name for file in pages(db, ordered)) == names


Call = Callable[[DatabasePorts, UUID], object]


@pytest.mark.parametrize(
    "call",
    [
        lambda db, file_id: db.files.get(ALL, file_id),
        lambda db, file_id: db.files.requeue(ALL, file_id),
        lambda db, file_id: db.files.delete_leaving_tombstone(ALL, file_id),
        lambda db, file_id: db.uploads.delete(ALL, file_id),
        lambda db, file_id: db.uploads.find(ALL, MultipartRef(f"uploads/{file_id}/a.txt", "u-1")),
        lambda db, file_id: db.uploads.bind(ALL, MultipartRef(f"uploads/{file_id}/a.txt", "u-1")),
    ],
)
def test_all_owners_have_no_unknown_file(db: DatabasePorts, call: Call) -> None:
    add_processed(db)
    await_bytes(db)
    await_bytes(db, upload_id=None)
    assert call(db, new_file().id) is None
    assert len(db.files.list(ALL, ListQuery()).files) == 3
