"""The slots of long polls."""

from datetime import timedelta

from sqlalchemy import func, select, update

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.tables import NO_LEASE, long_poll_slots
from chalicelib.core.files.ports import LongPollSlot


class PostgresLongPolls:
    """Implements `chalicelib.core.files.ports.LongPolls`.

    A slot is a row with a lease, not an advisory lock: that would belong to the connection, which would have to be
    held while the request waits (docs/decisions/0016-long-polls.md).
    """

    def __init__(self, database: Database, limit: int) -> None:
        self._database, self._limit = database, limit

    def acquire(self, lease: timedelta) -> LongPollSlot | None:
        slot = long_poll_slots.c
        free = (
            select(slot.slot)
            .where(slot.slot <= self._limit, slot.leased_until < func.now())
            .order_by(slot.slot)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        rows = self._database.fetch_all(
            update(long_poll_slots)
            .where(slot.slot == free)
            .values(leased_until=func.now() + lease)
            .returning(slot.slot, slot.leased_until)
        )
        return LongPollSlot(rows[0].slot, rows[0].leased_until) if rows else None

    def release(self, slot: LongPollSlot) -> None:
        columns = long_poll_slots.c
        self._database.execute(
            update(long_poll_slots)
            .where(columns.slot == slot.number, columns.leased_until == slot.leased_until)
            .values(leased_until=NO_LEASE)
        )
