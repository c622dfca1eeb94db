"""What events alone can't promise: no file is stuck.

AWS delivers events at least once, and says that it may drop them; workers die. The sweep finds the files
whose next step is overdue and takes it.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from chalicelib.core.errors import GAVE_UP
from chalicelib.core.files import Failure, File
from chalicelib.core.ports import Tombstones
from chalicelib.core.processing import Worker
from chalicelib.core.statuses import Status

log = logging.getLogger(__name__)

WAITING = timedelta(seconds=30)
"""How long a step may be due before the sweep takes it."""

MAX_ATTEMPTS = 6
"""An event is delivered three times; the sweep tries as often again."""

BATCH = 100

ENOUGH_TIME = timedelta(seconds=10)
"""What must be left of the invocation for one file more."""


def sweep(
    worker: Worker, tombstones: Tombstones, remaining: Callable[[], timedelta], waiting: timedelta = WAITING
) -> None:
    """Take the overdue step of up to BATCH files, and delete what is left of deleted ones, until the
    invocation's time is nearly over.

    A file that fails again doesn't keep the others from their turn, and two sweeps at once only share the
    work: each step is a claim, or conditional on what was read.
    """
    for file in worker.work.overdue(waiting, BATCH):
        if remaining() < ENOUGH_TIME:
            return
        try:
            _take_step(worker, file, remaining())
        except Exception:
            log.exception("%s is still overdue", file.object_key)
    for key in tombstones.uncleared(waiting, BATCH):
        if remaining() < ENOUGH_TIME:
            return
        worker.storage.delete(key)
        tombstones.clear(key)


def _take_step(worker: Worker, file: File, lease: timedelta) -> None:
    if file.attempts >= MAX_ATTEMPTS:
        message = GAVE_UP.message.format(attempts=file.attempts)
        worker.work.give_up(file, Failure(GAVE_UP.code, message))
    elif file.status is Status.AWAITING_UPLOAD and worker.storage.head(file.object_key) is None:
        worker.work.expire(file)
    else:
        worker.process(file.object_key, lease)
