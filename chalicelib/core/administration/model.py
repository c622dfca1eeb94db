"""What an administrator sees of the whole service."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from chalicelib.core.described_enum import DescribedEnum
from chalicelib.core.files.statuses import Status


class Precision(DescribedEnum):
    """How precise a number of files is."""

    EXACT = "exact", "It is that number."
    AT_LEAST = "at_least", "Counting ended at this number; there may be more."
    ABOUT = "about", "It is estimated."


class Count(Struct, frozen=True):
    """A number of files."""

    files: int
    precision: Precision = Precision.EXACT


class LateFile(Struct, frozen=True, kw_only=True):
    """A file that waits to be processed, and for too long."""

    id: UUID
    owner: str
    name: str
    status: Status
    attempts: int
    waiting_since: datetime
    """When it was queued, by its upload or to be processed again."""


class LateFiles(Struct, frozen=True):
    """How many files are late, and those that have waited longest."""

    count: Count
    longest: Sequence[LateFile]


class FailureCount(Struct, frozen=True):
    """How many files have failed or were rejected lately with an error code."""

    code: str
    count: Count
    newest_at: datetime


class SweepEnd(DescribedEnum):
    """How a sweep ended."""

    COMPLETED = "completed", "It has run everything that was due."
    OUT_OF_TIME = "out_of_time", "Its time was over; the next sweep continues."
    FAILED = "failed", "The storage or the database failed, and it ended; the log says why."


class FinishedSweep(Struct, frozen=True, kw_only=True):
    """A sweep that has ended."""

    duration: timedelta
    end: SweepEnd
    outcomes: Mapping[str, int]
    """How often each `SweepOutcome` occurred. Another version of the code may have written one that this one
    doesn't know."""


class LastSweep(Struct, frozen=True):
    """The sweep that ended last."""

    sweep: FinishedSweep
    finished_at: datetime


class Overview(Struct, frozen=True, kw_only=True):
    """What the service holds, and what needs attention."""

    measured_at: datetime
    """By the database's clock."""
    statuses: Mapping[Status, Count]
    families: Mapping[str | None, Count]
    """By the part of the detected type before the slash; None for files whose type isn't known."""
    late: LateFiles
    failures: Sequence[FailureCount]
    """The most frequent first."""
    marked: Count
    """Files that are marked to be processed again, because an older processor has processed them."""
    last_sweep: LastSweep | None
    """None before the first one."""
