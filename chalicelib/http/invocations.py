"""What Lambda calls the functions with that answer no request."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chalice.app import BaseLambdaEvent

from chalicelib.core.processing.mark_for_reprocessing import MarkResult


class EventNotification(BaseLambdaEvent):
    """S3's event, unread.

    `chalice.S3Event` takes the first record's bucket and key out as soon as it is made: it would drop the other
    records, and raise KeyError on `s3:TestEvent` before the handler is called.
    """

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        """There is nothing to extract."""


def read_after(event: Any) -> UUID | None:
    """Return the id after which `{"after": id}` asks to go on. Raises ValueError."""
    after = event.get("after") if isinstance(event, dict) else None
    return None if after is None else UUID(after)


def described_again(outdating: MarkResult) -> dict[str, Any]:
    """Return what an administrator sees: how many files were marked, and `after` to go on with if time ran out."""
    return {"marked": outdating.marked, "after": None if outdating.after is None else str(outdating.after)}


def remaining_time(context: Any) -> timedelta:
    """Return how long the invocation may go on. Then Lambda kills it, and a lease of that length ends.

    `context` is Lambda's context object, which Chalice types as a dict.
    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """
    return timedelta(milliseconds=context.get_remaining_time_in_millis())
