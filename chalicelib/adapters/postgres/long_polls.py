"""The slots of long polls."""

from datetime import timedelta

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.files.ports import LongPollSlot

ACQUIRE = """
UPDATE long_poll_slots
SET leased_until = now() + %(lease)s
WHERE slot = (
    SELECT slot FROM long_poll_slots
    WHERE slot <= %(limit)s AND leased_until < now()
    ORDER BY slot
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING slot, leased_until
"""

RELEASE = """
UPDATE long_poll_slots
SET leased_until = '-infinity'
WHERE slot = %(slot)s AND leased_until = %(leased_until)s
"""


class PostgresLongPolls:
    """Implements `chalicelib.core.files.ports.LongPolls`.

    A slot is a row with a lease, not an advisory lock: that would belong to the connection, which would have to be
    held while the request waits (docs/decisions/0016-long-polls.md).
    """

    def __init__(self, database: Database, limit: int) -> None:
        self._database, self._limit = database, limit

    def acquire(self, lease: timedelta) -> LongPollSlot | None:
        rows = self._database.fetch_all(ACQUIRE, {"lease": lease, "limit": self._limit})
        return LongPollSlot(rows[0].slot, rows[0].leased_until) if rows else None

    def release(self, slot: LongPollSlot) -> None:
        self._database.execute(RELEASE, {"slot": slot.number, "leased_until": slot.leased_until})
