"""Decode S3's event notifications.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from chalicelib.core.processing.object_ref import ObjectRef

SEQUENCER_LENGTH = 64
"""Far more than the 18 digits that S3 sends today."""


def created_objects(event: Mapping[str, Any]) -> Iterator[ObjectRef]:
    """Yield each object that the event reports as created.

    An event holds one record or several; `s3:TestEvent`, which S3 sends when a notification is configured, holds
    none. Keys are URL-encoded like a form: a space is `+`. Sequencers are hexadecimal numbers; the shorter one
    is padded with zeros on its right before two are compared.
    """
    for record in event.get("Records", ()):
        if record.get("eventName", "").removeprefix("s3:").startswith("ObjectCreated:"):
            s3_object = record["s3"]["object"]
            sequencer = s3_object.get("sequencer")
            yield ObjectRef(
                key=unquote_plus(s3_object["key"]),
                etag=(s3_object.get("eTag") or "").strip('"') or None,
                size=s3_object.get("size"),
                sequencer=sequencer.upper().ljust(SEQUENCER_LENGTH, "0") if sequencer else None,
            )
