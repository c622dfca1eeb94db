"""Record the verdict of a scanner that scans the bucket by itself."""

import logging
from datetime import datetime

from msgspec import Struct

from chalicelib.core.errors import MALWARE_FOUND, MalwareFoundError
from chalicelib.core.files.model import Failure, File, Scan
from chalicelib.core.files.object_keys import hide_name
from chalicelib.core.metrics import Metrics
from chalicelib.core.processing.process_file import record_completion
from chalicelib.core.scanning.ports import Scans
from chalicelib.core.scanning.verdicts import ScanResult, Verdict
from chalicelib.core.storage import Objects

log = logging.getLogger(__name__)


class RecordScan(Struct, frozen=True, kw_only=True):
    """Record the result about the object with this key and ETag."""

    object_key: str
    etag: str
    result: ScanResult
    scanned_at: datetime


def record_scan(command: RecordScan, *, scans: Scans, storage: Objects, metrics: Metrics) -> File | None:
    """Store the verdict and return the file; None if it changes nothing: there is no such file or object, the
    object was replaced, or its verdict is known. An infected file is rejected, and its object and thumbnail are
    deleted; what can't be deleted now, the sweep deletes.

    One request to ask which object there is now, and one statement. A verdict about an earlier object comes late,
    or out of order; the present one gets its own.
    Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE, STORAGE_UNAVAILABLE.
    """
    head = storage.head(command.object_key)
    if head is None or head.etag != command.etag:
        log.info("ignoring a scan of %s, which isn't the present object", hide_name(command.object_key))
        return None
    scan = Scan(verdict=command.result.verdict, scanned_at=command.scanned_at, etag=command.etag)
    if scan.verdict is not Verdict.INFECTED:
        return scans.record(command.object_key, scan)
    error = MalwareFoundError(threat=command.result.threat, etag=command.etag)
    rejected = scans.reject_infected(command.object_key, scan, Failure(MALWARE_FOUND.code, error.message))
    if rejected is None:
        return None
    log.warning("rejected a file: %s", MALWARE_FOUND.code)
    record_completion(metrics, rejected.file)
    for key in filter(None, (command.object_key, rejected.thumbnail_key)):
        storage.delete(key)
    return rejected.file
