"""`UsageCounts` in memory."""

from dataclasses import dataclass

from chalicelib.core.limits.model import Usage
from tests.fakes.table import Table


@dataclass
class FakeUsageCounts:
    """`UsageCounts` in memory."""

    table: Table

    def get(self, owner: str) -> Usage:
        return self.table.usage(owner)
