"""Reserves space for PostgreSQL's write-ahead log.

PostgreSQL ends when it can't write this log (WAL). It reuses the log's files, up to `min_wal_size` (80 MB, five
files of 16 MB), but a new PostgreSQL has a single one. So the others are created while there is space:
https://www.postgresql.org/docs/18/wal-configuration.html
"""

import logging
from pathlib import Path

from emulator.disk_space import MIB, RESERVE_BYTES, free_bytes
from emulator.postgres_programs import PostgresPrograms

SEGMENTS = 5
SEGMENT_BYTES = 16 * MIB
BEGIN_SEGMENT = "SELECT pg_logical_emit_message(false, '', 'x'), pg_switch_wal()"
"""An empty segment isn't switched."""

log = logging.getLogger(__name__)


def reserve_segments(url: str, data: Path) -> None:
    """Create the log's missing files if there is space for them. Takes 0.2 s the first time.

    `data` is the data directory of the PostgreSQL at `url`.
    """
    missing = SEGMENTS - len(list((data / "pg_wal").glob("0" * 8 + "*")))
    if missing <= 0 or free_bytes(data) < RESERVE_BYTES + missing * SEGMENT_BYTES:
        return
    statements = [BEGIN_SEGMENT] * missing + ["CHECKPOINT"]  # so that the other files can be reused
    options = ["--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
    psql = PostgresPrograms().run("psql", *options, *(f"--command={statement}" for statement in statements))
    if psql.returncode:
        log.warning("PostgreSQL's WAL files could not be created; the next start tries again: %s", psql.stderr)
