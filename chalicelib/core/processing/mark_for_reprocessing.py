"""Mark files that an older processor has processed, so that the sweep processes them again."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from chalicelib.core.processing.ports import ProcessorCatalog, ReprocessQueue

BATCH = 1000
"""Rows examined by one statement: milliseconds, or a second where all have the largest results."""

TIME_RESERVE = timedelta(seconds=5)
"""No further statement is begun with less than this left of the invocation."""


class MarkForReprocessing(Struct, frozen=True):
    """Mark the files after this id, or all, for which the processors of this version may find more facts."""

    after: UUID | None = None


class MarkResult(Struct, frozen=True):
    """How many files were examined and marked, and `after` to continue with, None when all were examined."""

    examined: int
    marked: int
    after: UUID | None


def mark_for_reprocessing(
    command: MarkForReprocessing,
    *,
    queue: ReprocessQueue,
    catalog: ProcessorCatalog,
    remaining: Callable[[], timedelta],
) -> MarkResult:
    """Mark files until the invocation's time is nearly over. One statement for each 1,000 files.

    The sweep processes marked files after everything that is overdue, so new uploads don't wait for them; until
    then they stay as they are.
    """
    examined, marked, after = 0, 0, command.after
    while remaining() > TIME_RESERVE:
        batch = queue.mark(catalog, after, BATCH)
        examined += batch.examined
        marked += batch.marked
        after = batch.last_id
        if batch.examined < BATCH:
            return MarkResult(examined, marked, None)
    return MarkResult(examined, marked, after)
