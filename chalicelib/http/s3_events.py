"""Decode S3's event notifications.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import logging
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import unquote_plus

import msgspec

from chalicelib.core.files.filenames import is_storable
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.typed_values import convert_value

log = logging.getLogger(__name__)

SEQUENCER_LENGTH = 64
"""Far more than the 18 digits that S3 sends today."""


class S3Object(msgspec.Struct):
    """The object of a record."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=3 * 1024)]
    """URL-encoded: up to three characters for each byte."""
    size: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None
    etag: Annotated[str, msgspec.Meta(max_length=128)] | None = msgspec.field(default=None, name="eTag")
    sequencer: Annotated[str, msgspec.Meta(max_length=SEQUENCER_LENGTH, pattern="^[0-9A-Fa-f]*$")] | None = None


class S3Entity(msgspec.Struct):
    """What a record is about."""

    s3_object: S3Object = msgspec.field(name="object")


class S3Record(msgspec.Struct):
    """A record, as far as this service reads it."""

    s3: S3Entity


def created_objects(event: Any) -> Iterator[ObjectRef]:
    """Yield each object that the event reports as created.

    An event holds one record or several; `s3:TestEvent`, which S3 sends when a notification is configured, holds
    none. A malformed record is logged and skipped: a retry of the event would find it malformed again, and if it
    was about an object, the sweep finds that in the bucket. The event's other records don't depend on it.
    """
    records = event.get("Records", []) if isinstance(event, dict) else None
    if not isinstance(records, list):
        log.error("ignoring an event whose records are malformed")
        return
    for record in records:
        try:
            if _reports_creation(record):
                yield _object_ref(convert_value(record, S3Record).s3.s3_object)
        except (msgspec.ValidationError, RecursionError) as error:
            log.error("ignoring a malformed record of an event: %s", error)  # noqa: TRY400  # it says where


def _reports_creation(record: Any) -> bool:
    name = record.get("eventName") if isinstance(record, dict) else None
    if not isinstance(name, str):
        raise msgspec.ValidationError("it has no `eventName`")
    return name.removeprefix("s3:").startswith("ObjectCreated:")


def _object_ref(created: S3Object) -> ObjectRef:
    """Return the reference to a record's object.

    Keys are URL-encoded like a form: a space is `+`. Sequencers are hexadecimal numbers; the shorter one is padded
    with zeros on its right before two are compared.
    """
    key = unquote_plus(created.key)
    if not is_storable(key + (created.etag or "")):
        raise msgspec.ValidationError("its key or ETag can't be stored")
    return ObjectRef(
        key=key,
        etag=(created.etag or "").strip('"') or None,
        size=created.size,
        sequencer=created.sequencer.upper().ljust(SEQUENCER_LENGTH, "0") if created.sequencer else None,
    )
