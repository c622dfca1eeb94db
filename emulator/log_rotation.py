"""Keeps the servers' logs small, however long they run.

A server writes into a file that it was given as its stdout, so the file can't be renamed. It is copied and
emptied, as logrotate(8) does with `copytruncate`. What the server writes between the two is lost.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

MAX_LOG_BYTES = 5 * 1024 * 1024


def rotate(log: Path, max_bytes: int = MAX_LOG_BYTES) -> None:
    """If a log is larger, move what it contains to a second file, `….log.1`, in place of what that contained.

    On a full disk, where the copy fails, it is only emptied, so that the servers can write more.
    """
    try:
        if log.stat().st_size <= max_bytes:
            return
    except FileNotFoundError:
        return
    older = log.with_name(f"{log.name}.1")
    try:
        shutil.copyfile(log, older)
    except OSError:
        with suppress(OSError):
            older.unlink()
    os.truncate(log, 0)
