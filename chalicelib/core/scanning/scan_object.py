"""Scan the object that a worker reads."""

import logging

from chalicelib.core.errors import MalwareFoundError
from chalicelib.core.scanning.ports import Scanner, ScannerUnavailableError
from chalicelib.core.scanning.verdicts import Verdict
from chalicelib.core.streams.object_reader import ObjectReader

log = logging.getLogger(__name__)

CHUNK = 8 * 1024 * 1024
"""Bytes fetched by one request, as for a checksum."""


def scan_object(reader: ObjectReader, scanner: Scanner, *, is_last_attempt: bool) -> Verdict:
    """Return the verdict about the object. It is read as far as the scanner wants it, in chunks of CHUNK bytes.
    One of a single block is read once, for the scanner and everything else.

    Raises MalwareFoundError; ScannerUnavailableError, so that the file is tried again, except in the last attempt,
    whose verdict is `failed`; and what reading raises.
    """
    try:
        result = scanner.scan(reader.iter_chunks(CHUNK))
    except ScannerUnavailableError:
        if not is_last_attempt:
            raise
        log.exception("the scanner wasn't available in any attempt")
        return Verdict.FAILED
    if result.verdict is Verdict.INFECTED:
        raise MalwareFoundError(threat=result.threat, etag=reader.etag)
    return result.verdict
