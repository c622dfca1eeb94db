"""Read parts of a file within limits of bytes and time."""

from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, TypeVar, cast

from chalicelib.core.streams.bounded_reader import BoundedReader

LIMIT = 1024 * 1024
"""Bytes of the blocks that are read: a file's beginning, its end, and two between them."""

SECONDS = 5
"""Time limit of all that detection reads from one container."""

T = TypeVar("T")


def read_within_limits(
    source: BinaryIO, size: int, read: Callable[[BinaryIO], T], otherwise: T, *, limit: int = LIMIT
) -> T:
    """Return what `read` finds in the file, or `otherwise` if that fetches more than `limit` bytes, takes more
    than SECONDS, or raises: the file may be damaged or hostile. Raises the exceptions of the storage."""
    bounded = BoundedReader(source, size, limit=limit, seconds=SECONDS)
    found = otherwise
    with suppress(Exception):
        found = read(cast(BinaryIO, bounded))
    if bounded.source_error is not None:
        raise bounded.source_error
    return found
