"""Breaks parts when it is time: functions' workers, PostgreSQL, S3."""

import time
from itertools import cycle
from pathlib import Path
from signal import SIGINT, SIGQUIT

from chaos import s3_fault_config
from chaos.fault_log import Record
from chaos.s3_fault_config import Orders
from chaos.schedule import Moments, Outages
from chaos.spec import Spec
from chaos.workers import kill_one
from emulator.ministack import MiniStack
from emulator.postgres import EmbeddedPostgres
from emulator.processes import Pause

RESTARTS = {"crashed": SIGQUIT, "stopped": SIGINT}
"""By turns PostgreSQL's "immediate shutdown", after which it recovers from its log as after a crash, and its "fast
shutdown". A SIGKILL would leave backends alive, with which the next server can't start.
https://www.postgresql.org/docs/18/server-shutdown.html"""


class Breaking:
    """The faults that the emulator itself does, from now on."""

    def __init__(
        self,
        spec: Spec,
        directory: Path,
        record: Record,
        ministack: MiniStack | None,
        postgres: EmbeddedPostgres | None,
    ) -> None:
        now = time.monotonic()
        self._spec = spec
        self._record = record
        self._ministack = ministack
        self._postgres = postgres
        self._random = spec.random("worker")
        self._kills = Moments(spec.random("kill"), spec.kill, now)
        self._restarts = Moments(spec.random("postgres"), spec.postgres / 60, now)
        self._outages = Outages(spec.random("s3_outage"), spec.s3_outage, now)
        self._ways = cycle(RESTARTS)
        self._orders = directory / s3_fault_config.FILE
        Orders(rate=spec.s3).write(self._orders)

    def tick(self, pause: Pause) -> None:
        """Do what is due. Returns when it works again, except for S3."""
        now = time.monotonic()
        if self._outages.due(now):
            self._begin_outage()
        if self._ministack is not None and self._kills.due(now):
            self._kill_worker_of(self._ministack)
        if self._postgres is not None and self._restarts.due(now):
            self._restart(self._postgres, pause)

    def end(self) -> None:
        """Let S3 work again."""
        self._orders.unlink(missing_ok=True)

    def _begin_outage(self) -> None:
        self._record.add("s3_outage", seconds=self._spec.s3_outage)
        Orders(self._spec.s3, outage_until=time.time() + self._spec.s3_outage).write(self._orders)

    def _kill_worker_of(self, ministack: MiniStack) -> None:
        if killed := kill_one(ministack.child.pid, self._random):
            function, pid = killed
            self._record.add("kill", function=function, pid=pid)

    def _restart(self, postgres: EmbeddedPostgres, pause: Pause) -> None:
        way = next(self._ways)
        self._record.add("postgres", way=way)
        postgres.restart(RESTARTS[way], pause)
