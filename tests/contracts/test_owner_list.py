"""The conformance suite of the list of owners with their usage."""

import pytest

from chalicelib.core.limits.ports import OwnerOrder
from tests.database_ports import DatabasePorts, add_uploaded


class TestOwners:
    def list(self, db: DatabasePorts, order: OwnerOrder, limit: int = 9, after: str | None = None) -> str:
        return "".join(owner for owner, _ in db.usage_counts.list(order, limit, after))

    @pytest.fixture(autouse=True)
    def _files(self, db: DatabasePorts) -> None:
        """a: 2 files of 3 bytes; b: 1 of 3; c: 1 of 9; d: none any more."""
        for owner, size in (("a", 3), ("b", 3), ("c", 9), ("a", 3), ("d", 1)):
            file = add_uploaded(db, size=size, owner=owner)
        db.files.delete_leaving_tombstone("d", file.id)

    def test_orders(self, db: DatabasePorts) -> None:
        assert self.list(db, OwnerOrder.NAME) == "abcd"
        assert self.list(db, OwnerOrder.MOST_BYTES) == "cabd"
        assert self.list(db, OwnerOrder.MOST_FILES) == "abcd"

    @pytest.mark.parametrize("order", OwnerOrder)
    def test_pages(self, db: DatabasePorts, order: OwnerOrder) -> None:
        listed, after = "", None
        while page := self.list(db, order, 2, after):
            listed, after = listed + page, page[-1]
            assert len(listed) <= 4
        assert listed == self.list(db, order)

    @pytest.mark.parametrize("order", OwnerOrder)
    def test_after_an_unknown_owner_there_is_none(self, db: DatabasePorts, order: OwnerOrder) -> None:
        assert self.list(db, order, 9, "unknown") == ""

    def test_each_has_its_usage(self, db: DatabasePorts) -> None:
        for owner, usage in db.usage_counts.list(OwnerOrder.NAME, 9, None):
            one = db.usage_counts.get(owner)
            assert (usage.files, usage.bytes, usage.files_today, usage.bytes_today, usage.day_ends_at) == (
                one.files,
                one.bytes,
                one.files_today,
                one.bytes_today,
                one.day_ends_at,
            )
