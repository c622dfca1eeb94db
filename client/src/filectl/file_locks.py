"""Locks between processes, by name."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NameLocks:
    """Locks that end with the process that holds them, however it ends.

    All are byte ranges of one file that is never removed. A lock file for each name couldn't be removed safely:
    another process may just have opened it. Threads of one process don't exclude each other.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @contextmanager
    def hold(self, name: str) -> Iterator[bool]:
        """Hold the lock of that name and yield True; yield False if another process holds it."""
        if self._descriptor is None:  # kept open: closing one descriptor of a file ends all locks of the process
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        position = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) >> 1
        is_held = _lock(self._descriptor, position)
        try:
            yield is_held
        finally:
            if is_held:
                _unlock(self._descriptor, position)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, position: int) -> bool:
        os.lseek(descriptor, position, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int, position: int) -> None:
        os.lseek(descriptor, position, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int, position: int) -> bool:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, position)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def _unlock(descriptor: int, position: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, position)
