"""The record of the last sweep."""

from psycopg2.extras import Json

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.administration.model import FinishedSweep, LastSweep, SweepEnd

RECORD = """
INSERT INTO last_sweep (is_last, finished_at, duration, ended, outcomes)
VALUES (true, now(), %(duration)s, %(ended)s, %(outcomes)s)
ON CONFLICT (is_last) DO UPDATE SET
    finished_at = excluded.finished_at,
    duration = excluded.duration,
    ended = excluded.ended,
    outcomes = excluded.outcomes
"""

LAST = "SELECT finished_at, duration, ended, outcomes FROM last_sweep"


class PostgresSweepRecords:
    """Implements `chalicelib.core.administration.ports.SweepRecords`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, sweep: FinishedSweep) -> None:
        parameters = {
            "duration": sweep.duration,
            "ended": sweep.end.value,
            "outcomes": Json(dict(sweep.outcomes)),
        }
        self._database.execute(RECORD, parameters)

    def last(self) -> LastSweep | None:
        for row in self._database.read(LAST):
            sweep = FinishedSweep(duration=row.duration, end=SweepEnd(row.ended), outcomes=row.outcomes)
            return LastSweep(sweep, row.finished_at)
        return None
