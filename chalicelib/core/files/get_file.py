"""Get one file, optionally waiting for it to change (long poll)."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files, LongPolls

MAX_WAIT = timedelta(seconds=20)
"""API Gateway times out after 29 s; a cold start, a slow database and the way back must fit in, too."""

FIRST_PAUSE = 0.1
"""Seconds. Most files are processed within that."""

MAX_PAUSE = 1.0
"""Seconds."""

BACKOFF_FACTOR = 1.5

LEASE_MARGIN = timedelta(seconds=10)
"""How much longer than its wait a long poll may keep its slot: a slow database delays its end."""

RETRY_AFTER = timedelta(seconds=2)
"""For a client whose request could not wait."""


class GetFile(Struct, frozen=True):
    """Get a file as soon as its version isn't `since`, by default the current version, or after `wait`."""

    owners: Owners
    file_id: UUID
    since: int | None = None
    wait: timedelta = timedelta(0)


class FoundFile(Struct, frozen=True):
    """The file, and when to retry if the request could not wait, because too many others were waiting."""

    file: File
    retry_after: timedelta | None = None


def get_file(
    command: GetFile,
    *,
    files: Files,
    long_polls: LongPolls,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], object] = time.sleep,
) -> FoundFile:
    """Return the file.

    One statement. A request that has to wait takes a slot with a second statement and returns it with a third;
    without a free slot it doesn't wait. While it waits, there is a statement after each pause: the first is
    0.1 s, each later one 1.5 times as long, at most 1 s.
    Raises ServiceError: FILE_NOT_FOUND, also when the file is deleted during the wait, DATABASE_UNAVAILABLE.
    """
    end = clock() + command.wait.total_seconds()
    file = require_file(files.get(command.owners, command.file_id))
    since = file.version if command.since is None else command.since
    if file.version != since or not command.wait:
        return FoundFile(file)
    try:
        slot = long_polls.acquire(command.wait + LEASE_MARGIN)
    except ServiceError:  # the database can only be read, or is full
        slot = None
    if slot is None:
        return FoundFile(file, RETRY_AFTER)
    try:
        seconds = FIRST_PAUSE
        while file.version == since and (left := end - clock()) > 0:
            pause(min(seconds, left))
            seconds = min(seconds * BACKOFF_FACTOR, MAX_PAUSE)
            file = require_file(files.get(command.owners, command.file_id))
    finally:
        with suppress(ServiceError):  # its lease ends by itself
            long_polls.release(slot)
    return FoundFile(file)


def require_file(file: File | None) -> File:
    """Return the file, or raise ServiceError(FILE_NOT_FOUND) for None, which another owner's file is, too."""
    if file is None:
        raise ServiceError(FILE_NOT_FOUND)
    return file
