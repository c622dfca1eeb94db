"""Which files a list holds, and in which order."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from chalicelib.core.files.statuses import Status

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000


class Order(StrEnum):
    """How a list is sorted; a leading minus is descending. Ids are UUIDv7, so they sort by time of arrival."""

    NEWEST = "-uploaded_at"
    OLDEST = "uploaded_at"
    NAME = "name"
    NAME_DESCENDING = "-name"
    SIZE = "size"
    SIZE_DESCENDING = "-size"

    @property
    def key(self) -> str:
        """The field that is sorted by, before the id."""
        return {"uploaded_at": "id"}.get(self.lstrip("-"), self.lstrip("-"))

    @property
    def descending(self) -> bool:
        return self.startswith("-")


@dataclass(frozen=True, slots=True)
class Position:
    """The last file of a page: the next page begins after it."""

    order: Order
    key: str | int | None
    """The value that the order sorts by before the id; None where it sorts by the id alone."""
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Which files, in which order, after which one. None means any."""

    limit: int = DEFAULT_LIMIT
    status: Status | None = None
    type: str | None = None
    """A detected type (`image/png`) or a family of types (`image/*`)."""
    name_contains: str | None = None
    order: Order = Order.NEWEST
    after: Position | None = None
