"""Record events that Lambda has given up in the history of their files."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.core.errors import ServiceError
from chalicelib.core.processing.ports import ProcessingQueue

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event of created objects that was given up."""

    object_keys: tuple[str, ...]
    reason: str
    """As the file's owner may read it."""


def handle_dead_letters(letters: Iterable[DeadLetter], *, queue: ProcessingQueue) -> None:
    """Record each dead letter in the history of its files. One statement for each object.

    A dead letter whose object has no row is logged and ignored: a retry would fail, too, and meanwhile the others
    of its batch would have to wait. Raises ServiceError(DATABASE_UNAVAILABLE): the whole batch is delivered again
    then, and recording a dead letter twice does no harm.
    """
    for letter in letters:
        for key in letter.object_keys:
            _record(key, letter.reason, queue)


def _record(key: str, reason: str, queue: ProcessingQueue) -> None:
    try:
        if queue.record_dead_letter(key, reason):
            log.warning("the event of %s was given up: %s", key, reason)
        else:
            log.warning("the event of %s, which has no row, was given up: %s", key, reason)
    except ServiceError:
        raise
    except Exception:  # a key that the database can't store, so no row has it
        log.exception("the event of %s was given up; it could not be recorded", key)
