"""Injects the faults that come from time to time: killed functions, PostgreSQL restarts, S3 outages."""

import math
import re
import time
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from random import Random
from signal import SIGINT, SIGQUIT

import psutil

from chaos.fault_log import FaultLog
from chaos.faulty_s3 import S3FaultConfig
from chaos.spec import Spec
from emulator.ministack import MiniStack
from emulator.postgres import EmbeddedPostgres
from emulator.processes import Pause

FIRST_OUTAGE_WITHIN_SECONDS = 10
OUTAGE_INTERVAL_SECONDS = 60

RESTART_SIGNALS = {"crashed": SIGQUIT, "stopped": SIGINT}
"""Alternately PostgreSQL's "immediate shutdown", after which it recovers from its log as after a crash, and its
"fast shutdown". A SIGKILL would leave backends alive, with which the next server can't start.
https://www.postgresql.org/docs/18/server-shutdown.html"""

WORKER_DIRECTORY = re.compile(r"/ministack-lambda-(?P<function>.+)-[^-/]+/code")
"""The end of the current directory of a function's process: tempfile has named it for the function
(ministack/core/lambda_runtime.py, Worker._spawn)."""


class FaultInjector:
    """Injects faults into the emulator's services from now on, whenever `tick` is called."""

    def __init__(
        self,
        spec: Spec,
        directory: Path,
        fault_log: FaultLog,
        ministack: MiniStack | None,
        postgres: EmbeddedPostgres | None,
    ) -> None:
        """`ministack` and `postgres` are None where the emulator hasn't started them."""
        now = time.monotonic()
        self._spec = spec
        self._fault_log = fault_log
        self._ministack = ministack
        self._postgres = postgres
        self._worker_random = spec.random("worker")
        self._kills = PoissonSchedule(spec.random("kill"), spec.kill, now)
        self._restarts = PoissonSchedule(spec.random("postgres"), spec.postgres / 60, now)
        self._outages = OutageSchedule(spec.random("s3_outage"), spec.s3_outage, now)
        self._restart_modes = cycle(RESTART_SIGNALS)
        self._s3_config_path = directory / S3FaultConfig.FILE_NAME
        S3FaultConfig(rate=spec.s3).write(self._s3_config_path)

    def tick(self, pause: Pause) -> None:
        """Inject the faults that are due. Returns when everything but S3 works again."""
        now = time.monotonic()
        if self._outages.is_due(now):
            self._start_outage()
        if self._ministack is not None and self._kills.is_due(now):
            self._kill_worker(self._ministack)
        if self._postgres is not None and self._restarts.is_due(now):
            self._restart_postgres(self._postgres, pause)

    def stop(self) -> None:
        """Let S3 work again."""
        self._s3_config_path.unlink(missing_ok=True)

    def _start_outage(self) -> None:
        self._fault_log.add("s3_outage", seconds=self._spec.s3_outage)
        outage_until = time.time() + self._spec.s3_outage
        S3FaultConfig(self._spec.s3, outage_until).write(self._s3_config_path)

    def _kill_worker(self, ministack: MiniStack) -> None:
        if killed := kill_random_worker(ministack.process.pid, self._worker_random):
            function, pid = killed
            self._fault_log.add("kill", function=function, pid=pid)

    def _restart_postgres(self, postgres: EmbeddedPostgres, pause: Pause) -> None:
        mode = next(self._restart_modes)
        self._fault_log.add("postgres", mode=mode)
        postgres.restart(RESTART_SIGNALS[mode], pause)


class PoissonSchedule:
    """Random times with a given mean rate, in seconds of a monotonic clock. The gaps are exponential."""

    def __init__(self, random: Random, rate: float, now: float) -> None:
        """`rate` is per second; 0 means never."""
        self._random = random
        self._rate = rate
        self._next = now + self._draw_gap()

    def is_due(self, now: float) -> bool:
        """Return whether the next time has passed. If several have, each call returns True for one of them."""
        if now < self._next:
            return False
        self._next += self._draw_gap()
        return True

    def _draw_gap(self) -> float:
        return self._random.expovariate(self._rate) if self._rate else math.inf


class OutageSchedule:
    """One outage a minute, the first within ten seconds, so that a short run has one, too."""

    def __init__(self, random: Random, duration: float, now: float) -> None:
        """`duration` of each outage in seconds; 0 means never."""
        self._next = now + random.uniform(1, FIRST_OUTAGE_WITHIN_SECONDS) if duration else math.inf

    def is_due(self, now: float) -> bool:
        """Return whether an outage begins."""
        if now < self._next:
            return False
        self._next += OUTAGE_INTERVAL_SECONDS
        return True


def kill_random_worker(ministack_pid: int, random: Random) -> tuple[str, int] | None:
    """Kill one of the processes in which a MiniStack runs functions.

    Return the function's name and the process's pid, None if no worker is running.
    """
    functions = {process: _worker_function(process) for process in _descendants(ministack_pid)}
    # A worker's own children are in its directory, too.
    workers = [
        (process, function)
        for process, function in functions.items()
        if function and not ((parent := _parent(process)) and functions.get(parent))
    ]
    if not workers:
        return None
    process, function = random.choice(sorted(workers, key=lambda worker: worker[0].pid))
    with suppress(psutil.NoSuchProcess):
        process.kill()
        return function, process.pid
    return None


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:  # the supervisor checks for that
        return []


def _parent(process: psutil.Process) -> psutil.Process | None:
    try:
        return process.parent()
    except psutil.NoSuchProcess:
        return None


def _worker_function(process: psutil.Process) -> str | None:
    """Return the name of the function that a process runs; None if it isn't a worker, or has ended."""
    try:
        match = WORKER_DIRECTORY.search(process.cwd())
    except psutil.Error:
        return None
    return match["function"] if match else None
