"""`SweepRecords` in memory."""

from dataclasses import dataclass

from chalicelib.core.administration.model import FinishedSweep, LastSweep
from tests.fakes.table import now


@dataclass
class FakeSweepRecords:
    """`SweepRecords` in memory."""

    recorded: LastSweep | None = None

    def record(self, sweep: FinishedSweep) -> None:
        self.recorded = LastSweep(sweep, now())

    def last(self) -> LastSweep | None:
        return self.recorded
