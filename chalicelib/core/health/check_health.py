"""Whether the service can do its work."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from chalicelib.core.errors import ServiceError
from chalicelib.core.ports import Storage, Work


class Condition(StrEnum):
    OK = "ok"
    UNAVAILABLE = "unavailable"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True)
class Health:
    """How each part is."""

    database: Condition
    storage: Condition
    processing: Condition
    """`degraded` where a file has waited for longer than the limit, `unavailable` where that can't be told."""
    oldest_wait: timedelta | None
    """Of all files that aren't processed yet; None where none waits, or it can't be told."""

    @property
    def well(self) -> bool:
        return not self.ailments

    @property
    def ailments(self) -> list[str]:
        """Return what isn't as it should be, such as `storage is unavailable`."""
        parts = {"database": self.database, "storage": self.storage, "processing": self.processing}
        return [f"{part} is {condition}" for part, condition in parts.items() if condition is not Condition.OK]


def examine(work: Callable[[], Work], storage: Callable[[], Storage], limit: timedelta) -> Health:
    """Ask the database and the storage, whatever the other one says. One statement and one request.

    `work` and `storage` make what is asked, and may fail as well.
    """
    try:
        wait = work().oldest_wait()
        database = Condition.OK
        processing = Condition.DEGRADED if wait is not None and wait > limit else Condition.OK
    except ServiceError:
        wait, database, processing = None, Condition.UNAVAILABLE, Condition.UNAVAILABLE
    return Health(database, _condition_of(storage), processing, wait)


def _condition_of(storage: Callable[[], Storage]) -> Condition:
    try:
        storage().check()
    except ServiceError:
        return Condition.UNAVAILABLE
    return Condition.OK
