"""Parse the events, and format the results, of the functions that are not routes."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalice.app import BaseLambdaEvent

if TYPE_CHECKING:
    from chalicelib.core.processing.mark_for_reprocessing import MarkResult


SCAN_RESULT = "GuardDuty Malware Protection Object Scan Result"
"""https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html"""


class RawEvent(BaseLambdaEvent):
    """An event that Chalice doesn't parse.

    `chalice.S3Event` reads the first record's bucket and key when it is created: it would drop the other records,
    and raise KeyError on `s3:TestEvent` before the handler is called. `SQSEvent` raises it for a message without a
    body, and `CloudWatchEvent` for a sweep that an administrator calls with `{}`.
    """

    def _extract_attributes(self, event_dict: dict[str, Any]) -> None:
        """There is nothing to extract."""


def scan_results_of(bucket: str) -> dict[str, Any]:
    """Return EventBridge's pattern of GuardDuty's events about a bucket."""
    detail = {"s3ObjectDetails": {"bucketName": [bucket]}}
    return {"source": ["aws.guardduty"], "detail-type": [SCAN_RESULT], "detail": detail}


def parse_resume_id(event: Any) -> UUID | None:
    """Return the id in `{"after": id}`, after which to continue. Raises ValueError."""
    after = event.get("after") if isinstance(event, dict) else None
    if after is None:
        return None
    try:
        return UUID(after)
    except (ValueError, TypeError, AttributeError):
        raise ValueError("`after` must be the id that the last call returned") from None


def format_mark_result(result: "MarkResult") -> dict[str, Any]:
    """Return the JSON form: the number of files that were marked, and `after` to continue with if time ran out."""
    return {"marked": result.marked, "after": None if result.after is None else str(result.after)}


def remaining_time(context: Any) -> timedelta:
    """Return how long the invocation may still take. Lambda then kills it, and a lease of that length expires.

    `context` is Lambda's context object, which Chalice types as a dict.
    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """
    return timedelta(milliseconds=context.get_remaining_time_in_millis())
