"""The SHA-256 of an object whose checksum nobody knows."""

import hashlib
import logging
import time
from collections.abc import Callable

from chalicelib.core.files.model import Checksum
from chalicelib.core.streams.object_reader import RangedObject

log = logging.getLogger(__name__)

DIGEST_PIECE = 8 * 1024 * 1024
"""Bytes fetched by one request: 256 MiB are 32 of them, and one piece is no burden for a worker's memory."""

DIGEST_SECONDS = 30
"""How long it may take. The function's time has to hold a processor's as well: tests/unit/test_time_limits.py."""


def digest(ranged: RangedObject, *, clock: Callable[[], float] = time.monotonic) -> Checksum | None:
    """Return the object's SHA-256, or None after DIGEST_SECONDS.

    One request for each DIGEST_PIECE, none for an object that fits into a block. Raises what reading raises.
    """
    end, sha256, read = clock() + DIGEST_SECONDS, hashlib.sha256(), 0
    for piece in ranged.pieces(DIGEST_PIECE):
        sha256.update(piece)
        read += len(piece)
        if read < ranged.size and clock() >= end:
            log.warning("no SHA-256 after %d s: %d of %d bytes were read", DIGEST_SECONDS, read, ranged.size)
            return None
    return Checksum("sha256", sha256.hexdigest())
