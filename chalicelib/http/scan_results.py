"""Decode GuardDuty's events about scanned objects.

https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, field

from chalicelib.core.files.filenames import is_storable
from chalicelib.core.scanning.guardduty import to_verdict
from chalicelib.core.scanning.record_scan import RecordScan
from chalicelib.core.scanning.verdicts import ScanResult
from chalicelib.typed_values import convert_value

log = logging.getLogger(__name__)

MAX_THREATS = 5
"""As many names are in the message of a file's error."""

Text = Annotated[str, Meta(min_length=1, max_length=1024)]


class ScannedObject(msgspec.Struct):
    """The object that was scanned."""

    bucket: Text = field(name="bucketName")
    key: Text = field(name="objectKey")
    """As it is, not URL-encoded."""
    etag: Text = field(name="eTag")


class Threat(msgspec.Struct):
    """A threat that was found."""

    name: str


class Result(msgspec.Struct):
    """The result of the scan."""

    status: Text = field(name="scanResultStatus")
    threats: list[Threat] | None = None


class Detail(msgspec.Struct):
    """What the event is about."""

    scanned: ScannedObject = field(name="s3ObjectDetails")
    result: Result = field(name="scanResultDetails")


class ScanResultEvent(msgspec.Struct):
    """An event, as far as this service reads it."""

    time: Annotated[datetime, Meta(tz=True)]
    detail: Detail


def parse_scan_result(event: Mapping[str, Any], bucket: str) -> RecordScan | None:
    """Return what to record. A malformed event is logged and ignored: it would be malformed again if it were
    delivered again, and the sweep reads the object's tag."""
    try:
        parsed = convert_value(event, ScanResultEvent)
    except (msgspec.ValidationError, RecursionError) as error:
        log.error("ignoring a malformed scan result: %s", error)  # noqa: TRY400  # it says where
        return None
    scanned, result = parsed.detail.scanned, parsed.detail.result
    etag = scanned.etag.strip('"')
    if scanned.bucket != bucket or not is_storable(scanned.key + etag):
        log.error("ignoring a scan result of another bucket, or of a key that can't be stored")
        return None
    threats = ", ".join(threat.name for threat in (result.threats or [])[:MAX_THREATS])
    return RecordScan(
        object_key=scanned.key,
        etag=etag,
        result=ScanResult(to_verdict(result.status), threats or None),
        scanned_at=parsed.time,
    )
