"""Ends the leases of killed workers early: they end by themselves up to a minute after the claim."""

from contextlib import closing
from datetime import datetime

import psycopg2

from emulator.functions import FUNCTION_SECONDS
from tests.acceptance.emulator_process import Emulator

LONGEST_LEASE = "SELECT extract(epoch FROM max(lease_until - status_since)) FROM files WHERE status = 'processing'"
END_LEASES = """
UPDATE files SET lease_until = now()
WHERE status = 'processing' AND lease_until > now() AND status_since < coalesce(%s, pg_postmaster_start_time())
"""


def end_leases(emulator: Emulator, claimed_before: datetime | None = None) -> None:
    """Let the next sweep process the files that a worker claimed before this time and still has.

    By default, that is the start of the emulator's PostgreSQL: a start ends all earlier workers first. Fails if a
    lease is longer than its worker could run, because its file would wait longer than it must.
    """
    with closing(psycopg2.connect(emulator.database_url())) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(LONGEST_LEASE)
        [(seconds,)] = cursor.fetchall()
        assert (seconds or 0) <= FUNCTION_SECONDS
        cursor.execute(END_LEASES, [claimed_before])
