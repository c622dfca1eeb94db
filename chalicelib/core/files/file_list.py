"""The filters, order and position of a file list."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct, field

from chalicelib.core.described_enum import DescribedEnum
from chalicelib.core.files.statuses import Status

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000

UNKNOWN_SIZE = -1
"""The sort key of a size that isn't known."""


class Order(DescribedEnum):
    """How a list is sorted."""

    # By `uploaded_at`, a file whose bytes haven't arrived has the time of its row (`File.listed_at`). By `size`,
    # one whose size isn't known comes before an empty one (UNKNOWN_SIZE). Equal files are sorted by their ids.
    NEWEST = "-uploaded_at", "The newest first."
    OLDEST = "uploaded_at", "The oldest first."
    NAME = "name", "By name, in the order of code points: `Z` precedes `a`."
    NAME_DESCENDING = "-name", "By name, backwards."
    SIZE = "size", "The smallest first."
    SIZE_DESCENDING = "-size", "The largest first."

    @property
    def key(self) -> str:
        """The sort key's name: `uploaded_at`, `name` or `size`."""
        return self.lstrip("-")

    @property
    def descending(self) -> bool:
        return self.startswith("-")


class Position(Struct, frozen=True):
    """The last file of a page: the next page begins after it."""

    order: Order
    key: str | int
    """The file's sort key: a time in ISO 8601, a name or a size."""
    id: UUID


class ListQuery(Struct, frozen=True, kw_only=True):
    """Which files, in which order, after which one. None means any."""

    limit: int = DEFAULT_LIMIT
    status: Status | None = None
    type: str | None = None
    """A detected type (`image/png`) or a family of types (`image/*`)."""
    mismatch: bool | None = None
    """Whether the detected type contradicts the declared one or the extension."""
    name_contains: str | None = None
    """A part of the name, whatever its case, its accents and its form of Unicode."""
    text: str | None = None
    """Words that are all in the texts which processing extracted."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Entries that the file's metadata must all have, with these values."""
    order: Order = Order.NEWEST
    after: Position | None = None
