"""Looking at one file, and waiting for it to change."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.files import File
from chalicelib.core.ports import Files

LONGEST_WAIT = timedelta(seconds=20)
"""API Gateway waits 29 s for an answer, and a cold start, a slow database and the way back fit in, too."""

FIRST_PAUSE = 0.1
"""Seconds. Most files are processed within that."""

LONGEST_PAUSE = 1.0

GROWTH = 1.5


def found(file: File | None) -> File:
    """Return the file, or raise ServiceError(FILE_NOT_FOUND): somebody else's file doesn't exist either."""
    if file is None:
        raise ServiceError(FILE_NOT_FOUND)
    return file


def read(
    files: Files,
    owner: str,
    file_id: UUID,
    since: int | None = None,
    wait: timedelta = timedelta(0),
    *,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], object] = time.sleep,
) -> File:
    """Return the file as soon as its version isn't `since`, or after `wait`, as it is then.

    Without `since` any change counts from now on. One statement, and one more for each look: after 0.1 s, then
    ever more seldom, up to once a second.
    Raises ServiceError: FILE_NOT_FOUND, also when it is deleted meanwhile, DATABASE_UNAVAILABLE.
    """
    end = clock() + wait.total_seconds()
    file = found(files.get(owner, file_id))
    known = file.version if since is None else since
    seconds = FIRST_PAUSE
    while file.version == known and (left := end - clock()) > 0:
        pause(min(seconds, left))
        seconds = min(seconds * GROWTH, LONGEST_PAUSE)
        file = found(files.get(owner, file_id))
    return file
