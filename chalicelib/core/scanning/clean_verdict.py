"""Refuse what a malware scan hasn't found clean."""

from chalicelib.core.errors import SCAN_FAILED, SCAN_PENDING, SCAN_UNSUPPORTED, ServiceError
from chalicelib.core.files.model import Scan
from chalicelib.core.scanning.verdicts import Verdict


def require_clean(scan: Scan | None, etag: str | None) -> None:
    """Return if the scan has found the object with this ETag clean.

    Raises ServiceError: SCAN_PENDING if it is of another object or there is none, SCAN_UNSUPPORTED, SCAN_FAILED.
    """
    if scan is None or scan.etag != etag:
        raise ServiceError(SCAN_PENDING)
    if scan.verdict is not Verdict.CLEAN:
        raise ServiceError(SCAN_UNSUPPORTED if scan.verdict is Verdict.UNSUPPORTED else SCAN_FAILED)
