"""`UsageCounts` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.core.limits.model import Usage
from chalicelib.core.limits.ports import OwnerOrder
from tests.fakes.table import Table


@dataclass
class FakeUsageCounts:
    """`UsageCounts` in memory."""

    table: Table

    def get(self, owner: str) -> Usage:
        return self.table.usage(owner)

    def list(self, order: OwnerOrder, limit: int, after: str | None) -> Sequence[tuple[str, Usage]]:
        usage = {owner: self.table.usage(owner) for owner in self.table.owners.values()}
        if after is not None and after not in usage and order is not OwnerOrder.NAME:
            return []

        def position(owner: str) -> tuple[int, str]:
            return {
                OwnerOrder.NAME: 0,
                OwnerOrder.MOST_BYTES: -usage[owner].bytes if owner in usage else 0,
                OwnerOrder.MOST_FILES: -usage[owner].files if owner in usage else 0,
            }[order], owner

        listed = sorted(usage, key=position)
        following = [owner for owner in listed if after is None or position(owner) > position(after)]
        return [(owner, usage[owner]) for owner in following[:limit]]
