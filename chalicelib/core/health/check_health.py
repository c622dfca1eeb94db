"""Check the health of the service and of its components."""

from collections.abc import Callable
from datetime import timedelta

from msgspec import Struct

from chalicelib.core.described_enum import DescribedEnum
from chalicelib.core.errors import INSUFFICIENT_STORAGE, ServiceError
from chalicelib.core.processing.ports import ProcessingQueue
from chalicelib.core.storage import Storage


class ComponentStatus(DescribedEnum):
    """The status of a part of the service."""

    OK = "ok", "It works."
    UNAVAILABLE = "unavailable", "It doesn't respond."
    DEGRADED = "degraded", "It works, but not fast enough."
    FULL = "full", "It refuses to store anything, because it has no space left."


class Health(Struct, frozen=True):
    """The status of each component."""

    database: ComponentStatus
    storage: ComponentStatus
    """`full` if it refuses new objects because it has no space left."""
    processing: ComponentStatus
    """`degraded` if a file has waited for longer than the limit, `unavailable` if that is unknown."""
    oldest_wait: timedelta | None
    """Of all files that aren't processed yet; None if none waits, or if that is unknown."""

    @property
    def healthy(self) -> bool:
        return not self.failing_components

    @property
    def failing_components(self) -> list[str]:
        """Return the components that aren't ok, such as `storage is unavailable`."""
        components = {"database": self.database, "storage": self.storage, "processing": self.processing}
        return [f"{name} is {status}" for name, status in components.items() if status is not ComponentStatus.OK]


class CheckHealth(Struct, frozen=True):
    """Check all components. Processing is degraded if a file has waited longer than `max_queue_age`."""

    max_queue_age: timedelta


def check_health(
    command: CheckHealth, *, queue: Callable[[], ProcessingQueue], storage: Callable[[], Storage]
) -> Health:
    """Check the database and the storage, each whether or not the other one fails. One statement and one request.

    `queue` and `storage` build the ports, which may fail as well.
    """
    try:
        wait = queue().oldest_wait()
        database = ComponentStatus.OK
        overdue = wait is not None and wait > command.max_queue_age
        processing = ComponentStatus.DEGRADED if overdue else ComponentStatus.OK
    except ServiceError:
        wait, database, processing = None, ComponentStatus.UNAVAILABLE, ComponentStatus.UNAVAILABLE
    return Health(database, _check_storage(storage), processing, wait)


def _check_storage(storage: Callable[[], Storage]) -> ComponentStatus:
    try:
        storage().check()
    except ServiceError as error:
        return ComponentStatus.FULL if error.kind is INSUFFICIENT_STORAGE else ComponentStatus.UNAVAILABLE
    return ComponentStatus.OK
