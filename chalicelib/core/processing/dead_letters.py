"""Events that Lambda has given up, and the rows that they are about.

A message holds Lambda's record of a failed asynchronous invocation, as on AWS, or the bare S3 event, which SQS has
moved there itself, as in the emulator.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.core.errors import ServiceError
from chalicelib.core.ports import Work
from chalicelib.core.s3_events import created_objects

log = logging.getLogger(__name__)

MAX_RECEIVES_EXCEEDED = "MaxReceivesExceeded"
"""The reason that a bare S3 event gets: SQS doesn't say what went wrong."""

MAX_REASON = 500
"""Characters. An exception's message may be as long as it likes."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What a message says."""

    object_keys: tuple[str, ...]
    reason: str
    """As the file's owner may read it."""


def take(bodies: Iterable[str], work: Work) -> None:
    """Let each row that a message is about take note of it. One statement for each object.

    A message that can't be read, or whose object has no row, is logged and done with: it would be no better the
    next time, and in the meantime hold up the others of its batch. Raises ServiceError(DATABASE_UNAVAILABLE): the
    whole batch comes again then, and taking note twice does no harm.
    """
    for body in bodies:
        letter = read(body)
        if letter is None:
            log.error("a dead letter is about no object that was created, and is dropped: %.1000s", body)
            continue
        for key in letter.object_keys:
            _take_note(key, letter.reason, work)


def read(body: str) -> DeadLetter | None:
    """Return what a message says, or None where it is about no object that was created."""
    try:
        message = json.loads(body)
        event = message.get("requestPayload", message)
        keys = tuple(created.key for created in created_objects(event))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):  # no JSON, or JSON of another shape
        return None
    return DeadLetter(keys, _reason(message)[:MAX_REASON]) if keys else None


def _reason(message: dict[str, Any]) -> str:
    """Return the condition, RetriesExhausted or EventAgeExceeded, and what became of the function, if it ran.

    Of its exceptions only this service's own are quoted, which are written for who uses it, and Lambda's errors,
    with a type such as Sandbox.Timedout or none at all. What others say is in the function's log.
    """
    condition = _found(message, "requestContext", "condition") or MAX_RECEIVES_EXCEEDED
    kind = str(_found(message, "responsePayload", "errorType") or "")
    said = str(_found(message, "responsePayload", "errorMessage") or "")
    quotable = kind in {"", ServiceError.__name__} or "." in kind
    return ": ".join(part for part in (condition, (quotable and said) or kind) if part)


def _found(message: dict[str, Any], part: str, name: str) -> Any:
    within = message.get(part)
    return within.get(name) if isinstance(within, dict) else None


def _take_note(key: str, reason: str, work: Work) -> None:
    try:
        if work.note_dead_letter(key, reason):
            log.warning("the event of %s was given up: %s", key, reason)
        else:
            log.warning("the event of %s, which has no row, was given up: %s", key, reason)
    except ServiceError:
        raise
    except Exception:  # a key that the database can't hold, so no row has it
        log.exception("the event of %s was given up, and no row can take note", key)
