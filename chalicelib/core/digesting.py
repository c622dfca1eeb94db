"""The SHA-256 of an object whose checksum nobody knows."""

import hashlib
import logging
import time
from collections.abc import Callable

from chalicelib.core.errors import ObjectChangedError
from chalicelib.core.files import Checksum
from chalicelib.core.ports import Storage

log = logging.getLogger(__name__)

DIGEST_PIECE = 8 * 1024 * 1024
"""Bytes fetched by one request: 256 MiB are 32 of them, and one piece is no burden for a worker's memory."""

DIGEST_SECONDS = 30
"""How long it may take. The function's time has to hold a processor's as well: tests/unit/test_time_limits.py."""


def digest(
    storage: Storage,
    key: str,
    size: int,
    etag: str | None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Checksum | None:
    """Return the SHA-256 of the object of `size` bytes with this ETag, without one of the object that the first
    piece is of; None after DIGEST_SECONDS.

    One request for each DIGEST_PIECE, none for an empty object. Raises what `Storage.read` raises, and
    ObjectChangedError where the object hasn't the given size.
    """
    end, sha256 = clock() + DIGEST_SECONDS, hashlib.sha256()
    for start in range(0, size, DIGEST_PIECE):
        if clock() >= end:
            log.warning("no SHA-256 after %d s: %d of %d bytes were read", DIGEST_SECONDS, start, size)
            return None
        piece = storage.read(key, start, min(DIGEST_PIECE, size - start), etag)
        if piece.size != size:
            raise ObjectChangedError
        sha256.update(piece.data)
        etag = piece.etag
    return Checksum("sha256", sha256.hexdigest())
