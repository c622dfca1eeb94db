"""What administration needs from the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from chalicelib.core.administration.model import (
    Count,
    FailureCount,
    FinishedSweep,
    LastSweep,
    LateFiles,
)
from chalicelib.core.files.statuses import Status


class StatusCounts(Struct, frozen=True):
    """The numbers of one moment."""

    measured_at: datetime
    by_status: Mapping[Status, Count]
    """All statuses."""
    marked: Count
    """Files that are marked to be processed again."""


class FamilySample(Struct, frozen=True):
    """Some of the files, or all of them, counted by the part of the detected type before the slash; None for files
    whose type isn't known."""

    by_family: Mapping[str | None, int]
    is_whole: bool


class FileCounts(Protocol):
    """Counts of all owners' files. Each call is one statement, and reads a limited number of rows, however many
    files there are.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond.
    """

    def by_status(self) -> StatusCounts:
        """Count the files by status."""

    def sample_families(self) -> FamilySample:
        """Count the files by family: all of them, or of many a random sample."""

    def late(self, max_wait: timedelta, limit: int) -> LateFiles:
        """Return how many files have waited to be processed for longer than `max_wait`, and the `limit` that have
        waited longest."""

    def failures(self, within: timedelta) -> Sequence[FailureCount]:
        """Count the files that have `failed` or were `rejected` within this time, by their error's code."""


class SweepRecords(Protocol):
    """The record of the last sweep. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def record(self, sweep: FinishedSweep) -> None:
        """Store that this sweep has ended now, in place of an earlier one."""

    def last(self) -> LastSweep | None:
        """Return the sweep that ended last; None before the first one."""
