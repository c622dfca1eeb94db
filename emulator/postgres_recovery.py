"""Starts PostgreSQL again after a full disk.

When PostgreSQL can't write its write-ahead log, it ends all sessions and recovers. That needs space, too, and
without it PostgreSQL ends. Nothing that it has committed is lost: https://www.postgresql.org/docs/18/wal-intro.html
"""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from emulator.disk_space import MIB, RESERVE_BYTES, free_bytes
from emulator.postgres import EmbeddedPostgres

MIN_RESTART_BYTES = 32 * MIB
"""Two segments of the write-ahead log: it may need a new one to recover."""
RETRY_SECONDS = 1.0
MAX_ATTEMPTS = 5
"""With enough space; then it must have another reason to end."""
RECENT_SECONDS = 10.0
"""PostgreSQL ends some time after the disk was full, which may have space again by then."""


class PostgresRecovery:
    """Starts a PostgreSQL again that has ended because its disk was full."""

    def __init__(self, postgres: EmbeddedPostgres, directory: Path, print_line: Callable[[str], None]) -> None:
        """`directory` is on PostgreSQL's disk."""
        self._postgres = postgres
        self._directory = directory
        self._print_line = print_line
        self._low_until = 0.0
        self._next_attempt = 0.0
        self._attempts_with_space = 0
        self._is_down = False

    def tick(self) -> bool:
        """Start PostgreSQL if it has ended and has space again. Called several times a second.

        Return False while it waits for space, otherwise True, also if it has ended for another reason.
        """
        now = time.monotonic()
        free = free_bytes(self._directory)
        if free < RESERVE_BYTES:
            self._low_until = now + RECENT_SECONDS
        if not self._postgres.process.has_ended():
            self._is_down = False
            self._attempts_with_space = 0
            return True
        if self._attempts_with_space >= MAX_ATTEMPTS:
            return True
        if now > self._low_until and not self._is_down:
            return True
        if not self._is_down:
            self._is_down = True
            self._print_line("PostgreSQL has ended because its disk is full; it starts again when there is space")
        if free >= MIN_RESTART_BYTES and now >= self._next_attempt:
            self._next_attempt = now + RETRY_SECONDS
            self._attempts_with_space += free >= RESERVE_BYTES
            with suppress(OSError):  # the disk is full again
                self._postgres.start()
                self._print_line("PostgreSQL is started again")
        return False
