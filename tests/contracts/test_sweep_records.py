"""The conformance suite of `SweepRecords`."""

from datetime import UTC, datetime, timedelta

from chalicelib.core.administration.model import FinishedSweep, SweepEnd
from tests.database_ports import MINUTE, DatabasePorts


class TestSweepRecords:
    def test_before_the_first_sweep_there_is_none(self, db: DatabasePorts) -> None:
        assert db.sweep_records.last() is None

    def test_the_last_one_replaces_an_earlier_one(self, db: DatabasePorts) -> None:
        outcomes = {"event_lost": 2, "failed": 1}
        first = FinishedSweep(duration=timedelta(seconds=0.25), end=SweepEnd.OUT_OF_TIME, outcomes=outcomes)
        second = FinishedSweep(duration=timedelta(seconds=61), end=SweepEnd.COMPLETED, outcomes={})
        for sweep in (first, second):
            db.sweep_records.record(sweep)
            last = db.sweep_records.last()
            assert last is not None
            assert last.sweep == sweep
            assert abs(last.finished_at - datetime.now(UTC)) < MINUTE
