"""Ends processes."""

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from signal import Signals
from typing import Self

import psutil

POLL_SECONDS = 0.02
STOP_SECONDS = 10.0
DESCENDANTS_STOP_SECONDS = 2.0
CLOCK_TOLERANCE_SECONDS = 2.0
"""psutil computes a process's start time from the time of boot, which shifts when the clock is set."""


@dataclass(frozen=True)
class RunningServer:
    """A server process. Its start time distinguishes it from another one that gets the same id later."""

    pid: int
    started_at: float
    signal: int
    """On which it shuts down cleanly."""

    @classmethod
    def describe(cls, pid: int, stop_signal: Signals) -> Self:
        """Return the description of a process that was just started."""
        return cls(pid, psutil.Process(pid).create_time(), stop_signal)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what `to_json` has described. Raises ValueError or TypeError."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))

    def terminate(self) -> None:
        """End the process and its descendants. Does nothing if it has ended."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started_at) < CLOCK_TOLERANCE_SECONDS:
                terminate(process, Signals(self.signal))


def terminate(process: psutil.Process, stop_signal: Signals) -> None:
    """End a process with the signal, then kill what is left of it and its descendants."""
    descendants = process.children(recursive=True)
    process.send_signal(stop_signal)
    _wait([process], STOP_SECONDS)
    for survivor in _wait([process, *descendants], DESCENDANTS_STOP_SECONDS):
        with suppress(psutil.NoSuchProcess):
            survivor.kill()


def _wait(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Return the processes that still run after so many seconds, sooner if none does.

    Not psutil.wait_procs, which counts a process that has ended as running until it is reaped. Orphans are reaped
    by process 1, which may take its time in a container.
    """
    deadline = time.monotonic() + seconds
    while (running := [process for process in processes if _is_running(process)]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return running


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
