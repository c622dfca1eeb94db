"""Compute the SHA-256 of an object without a known checksum."""

import hashlib
import logging
import time
from collections.abc import Callable

from chalicelib.core.files.model import Checksum
from chalicelib.core.streams.object_reader import ObjectReader

log = logging.getLogger(__name__)

CHUNK = 8 * 1024 * 1024
"""Bytes fetched by one request: 256 MiB are 32 of them, and a chunk fits easily into a worker's memory."""

SECONDS = 30
"""Time limit. The function's timeout has to leave time for a processor, too: tests/unit/test_time_limits.py."""


def compute_sha256(reader: ObjectReader, *, clock: Callable[[], float] = time.monotonic) -> Checksum | None:
    """Return the object's SHA-256, or None after SECONDS.

    One request for each CHUNK, none for an object of one block that is in the reader's cache. Raises what reading
    raises.
    """
    deadline, sha256, bytes_read = clock() + SECONDS, hashlib.sha256(), 0
    for chunk in reader.iter_chunks(CHUNK):
        sha256.update(chunk)
        bytes_read += len(chunk)
        if bytes_read < reader.size and clock() >= deadline:
            log.warning("no SHA-256 after %d s: %d of %d bytes were read", SECONDS, bytes_read, reader.size)
            return None
    return Checksum("sha256", sha256.hexdigest())
