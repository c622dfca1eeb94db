"""Having files described again that an older processor has described."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chalicelib.core.ports import Outdated, Present

BATCH = 5000
"""Rows looked at by one statement: milliseconds."""

ENOUGH_TIME = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Outdating:
    """How far it came. `after` is where to go on, None at the end."""

    marked: int
    after: UUID | None


def mark_files_for_reprocessing(
    outdated: Outdated, present: Present, remaining: Callable[[], timedelta], after: UUID | None = None
) -> Outdating:
    """Mark all files that are done and of which the processors of today may tell more.

    The sweep describes them again when it has done all that is due, so new uploads don't wait for them; until
    their turn comes they stay as they are. One statement for 5,000 files, until the time is nearly over.
    """
    marked = 0
    while remaining() > ENOUGH_TIME:
        batch = outdated.mark(present, after, BATCH)
        marked += batch.marked
        after = batch.last
        if batch.looked_at < BATCH:
            return Outdating(marked, None)
    return Outdating(marked, after)
