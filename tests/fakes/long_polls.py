"""`LongPolls` in memory."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.core.files.ports import LongPollSlot
from tests.fakes.table import now


@dataclass
class FakeLongPolls:
    """`LongPolls` in memory."""

    limit: int
    leases: dict[int, datetime] = field(default_factory=dict)
    """By slot."""

    def acquire(self, lease: timedelta) -> LongPollSlot | None:
        free = [n for n in range(1, self.limit + 1) if n not in self.leases or self.leases[n] < now()]
        if not free:
            return None
        self.leases[free[0]] = now() + lease
        return LongPollSlot(free[0], self.leases[free[0]])

    def release(self, slot: LongPollSlot) -> None:
        if self.leases.get(slot.number) == slot.leased_until:
            del self.leases[slot.number]
