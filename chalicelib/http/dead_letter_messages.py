"""Decode the messages of the dead letter queue.

A message holds Lambda's record of a failed asynchronous invocation, as on AWS, or the bare S3 event, which SQS has
moved there itself, as in the emulator.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
import logging
from collections.abc import Iterator
from typing import Any

from chalicelib.core.errors import ServiceError
from chalicelib.core.processing.dead_letters import DeadLetter
from chalicelib.core.processing.processor_result import to_jsonb_safe
from chalicelib.http.s3_events import created_objects

log = logging.getLogger(__name__)

MAX_RECEIVES_EXCEEDED = "MaxReceivesExceeded"
"""The reason given for a bare S3 event: SQS doesn't say what went wrong."""

MAX_REASON_LENGTH = 500
"""Characters. An exception's message may have any length."""


def parse_dead_letters(event: Any) -> Iterator[DeadLetter]:
    """Yield the dead letter of each message in an event of SQS. A message that isn't one is logged and ignored: a
    retry would fail, too, and the others of its batch would have to wait for it."""
    messages = event.get("Records") if isinstance(event, dict) else None
    for message in messages if isinstance(messages, list) else []:
        body = str(message.get("body")) if isinstance(message, dict) else ""
        letter = parse_dead_letter(body)
        if letter is None:
            log.error("ignoring a dead letter without an ObjectCreated record (%d characters)", len(body))
        else:
            yield letter


def parse_dead_letter(body: str) -> DeadLetter | None:
    """Return the dead letter in a message, or None for a message without an ObjectCreated record."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    keys = tuple(created.key for created in created_objects(message.get("requestPayload", message)))
    return DeadLetter(keys, to_jsonb_safe(_reason(message)[:MAX_REASON_LENGTH])) if keys else None


def _reason(message: dict[str, Any]) -> str:
    """Return the condition, RetriesExhausted or EventAgeExceeded, and how the function failed, if it ran.

    Of its exceptions only this service's own are quoted, which are written for its users, and Lambda's errors,
    whose type is such as Sandbox.Timedout or empty. The messages of others are in the function's log only.
    """
    condition = str(_nested(message, "requestContext", "condition") or MAX_RECEIVES_EXCEEDED)
    error_type = str(_nested(message, "responsePayload", "errorType") or "")
    error_message = str(_nested(message, "responsePayload", "errorMessage") or "")
    quotable = error_type in {"", ServiceError.__name__} or "." in error_type
    return ": ".join(part for part in (condition, (quotable and error_message) or error_type) if part)


def _nested(message: dict[str, Any], part: str, name: str) -> Any:
    inner = message.get(part)
    return inner.get(name) if isinstance(inner, dict) else None
