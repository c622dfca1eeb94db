"""What events alone can't promise: no file is stuck.

AWS delivers events at least once, and says that it may drop them; workers die. The sweep finds the files
whose next step is overdue and takes it.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import TypeVar

from chalicelib.core.errors import GAVE_UP
from chalicelib.core.files import Failure, File
from chalicelib.core.ports import Tombstones
from chalicelib.core.processing import Worker
from chalicelib.core.statuses import Status

log = logging.getLogger(__name__)

Item = TypeVar("Item")

WAITING = timedelta(seconds=30)
"""How long a step may be due before the sweep takes it."""

MAX_ATTEMPTS = 12
"""The waiting doubles with each attempt, so the last comes after a day and a half: an outage of the storage is
over by then. A file that kills its workers doesn't wait, and is given up within the hour."""

BATCH = 100

ENOUGH_TIME = timedelta(seconds=10)
"""What must be left of the invocation for one file more."""


def sweep(
    worker: Worker, tombstones: Tombstones, remaining: Callable[[], timedelta], waiting: timedelta = WAITING
) -> None:
    """Take the overdue step of all files that have one, and delete what is left of deleted ones, until the
    invocation's time is nearly over.

    A file that fails again doesn't keep the others from their turn, and two sweeps at once only share the
    work: each step is a claim, or conditional on what was read.
    """
    for file in _each_once(lambda: worker.work.overdue(waiting, BATCH), lambda file: file.object_key):
        if remaining() < ENOUGH_TIME:
            return
        try:
            _take_step(worker, file, remaining())
        except Exception:
            log.exception("%s is still overdue", file.object_key)
    for key in _each_once(lambda: tombstones.uncleared(waiting, BATCH), str):
        if remaining() < ENOUGH_TIME:
            return
        try:
            worker.storage.delete(key)
            tombstones.clear(key)
        except Exception:
            log.exception("%s is still to be deleted", key)


def _each_once(next_batch: Callable[[], Sequence[Item]], key: Callable[[Item], str]) -> Iterator[Item]:
    """Yield the items of batch after batch, until one holds nothing new."""
    seen: set[str] = set()
    while new := [item for item in next_batch() if key(item) not in seen]:
        seen.update(map(key, new))
        yield from new


def _take_step(worker: Worker, file: File, lease: timedelta) -> None:
    if file.attempts >= MAX_ATTEMPTS:
        message = GAVE_UP.message.format(attempts=file.attempts)
        worker.work.give_up(file, Failure(GAVE_UP.code, message))
    elif file.status is Status.AWAITING_UPLOAD and worker.storage.head(file.object_key) is None:
        worker.work.expire(file)
    else:
        worker.process(file.object_key, lease)
