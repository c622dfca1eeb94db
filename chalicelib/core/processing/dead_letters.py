"""Record events whose retries by Lambda are exhausted in the history of their files."""

import logging
from collections.abc import Iterable

from msgspec import Struct

from chalicelib.core.errors import ServiceError
from chalicelib.core.files.object_keys import hide_name
from chalicelib.core.processing.ports import ProcessingQueue

log = logging.getLogger(__name__)


class DeadLetter(Struct, frozen=True):
    """An event of created objects that Lambda won't retry again."""

    object_keys: tuple[str, ...]
    reason: str
    """As the file's owner may read it."""


class HandleDeadLetters(Struct, frozen=True):
    """Record these dead letters. They may come from a generator, which is consumed."""

    letters: Iterable[DeadLetter]


def handle_dead_letters(command: HandleDeadLetters, *, queue: ProcessingQueue) -> None:
    """Record each dead letter in the history of its files. One statement for each object.

    A dead letter whose object has no row is logged and ignored: a retry would fail, too, and meanwhile the others
    of its batch would have to wait. Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE. The whole
    batch is delivered again then, and recording a dead letter twice does no harm.
    """
    for letter in command.letters:
        for key in letter.object_keys:
            _record(key, letter.reason, queue)


def _record(key: str, reason: str, queue: ProcessingQueue) -> None:
    try:
        if queue.record_dead_letter(key, reason):
            log.warning("Lambda's retries of the event of %s are exhausted: %s", hide_name(key), reason)
        else:
            log.warning(
                "Lambda's retries of the event of %s, which has no row, are exhausted: %s", hide_name(key), reason
            )
    except ServiceError:
        raise
    except Exception:  # a key that the database can't store, so no row has it
        log.exception(
            "Lambda's retries of the event of %s are exhausted; that could not be recorded", hide_name(key)
        )
