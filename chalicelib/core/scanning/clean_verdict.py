"""Refuse what a malware scan hasn't found clean."""

from datetime import timedelta

from chalicelib.core.errors import SCAN_FAILED, SCAN_PENDING, SCAN_UNSUPPORTED, ServiceError, TemporaryError
from chalicelib.core.files.model import Scan
from chalicelib.core.scanning.verdicts import Verdict

RETRY_AFTER = timedelta(minutes=1)
"""When a client may ask again for what has no verdict yet."""


def require_clean(scan: Scan | None, etag: str | None) -> None:
    """Return if the scan has found the object with this ETag clean.

    Raises ServiceError: SCAN_PENDING if it is of another object or there is none, SCAN_UNSUPPORTED, SCAN_FAILED.
    """
    if scan is None or scan.etag != etag:
        raise TemporaryError(SCAN_PENDING, retry_after=RETRY_AFTER)
    if scan.verdict is not Verdict.CLEAN:
        raise ServiceError(SCAN_UNSUPPORTED if scan.verdict is Verdict.UNSUPPORTED else SCAN_FAILED)
