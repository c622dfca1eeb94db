"""Servers that run as child processes, and that outlive nobody for long."""

import json
import pwd
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import Signals

import psutil

from emulator.errors import EmulatorError

Pause = Callable[[float], object]
"""Waits so many seconds; may raise to end the waiting. `time.sleep` is one."""

POLL_SECONDS = 0.02
STOP_SECONDS = 10.0
LEFTOVERS_SECONDS = 2.0
CLOCK_SECONDS = 2.0
"""psutil computes when a process was made from the time of boot, which shifts when the clock is set."""


class Child:
    """A server process that is ended in order: by the next emulator, when its own was killed.

    It runs in a session of its own, so that Ctrl-C in a terminal reaches the emulator alone.
    """

    def __init__(self, name: str, directory: Path, stop_signal: Signals) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self._record = directory / f"{name}.pid"
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id, once it was started."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def start(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        pass_fds: Iterable[int] = (),
        user: str | None = None,
    ) -> None:
        """Start the command, its output in the log. `user` is whom to run it as, which takes root."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                pass_fds=tuple(pass_fds),
                start_new_session=True,
                user=user,
                group=None if user is None else pwd.getpwnam(user).pw_gid,
                extra_groups=None if user is None else (),
            )
        made = psutil.Process(self._process.pid).create_time()
        self._record.write_text(json.dumps({"pid": self._process.pid, "made": made, "signal": self._stop_signal}))

    def check(self) -> None:
        """Raise EmulatorError if the process has ended."""
        assert self._process is not None, f"{self.name} was not started"
        if (code := self._process.poll()) is not None:
            raise EmulatorError(f"{self.name} ended with code {code}; {self.log} says why:\n{self._last_lines()}")

    def wait_until(self, answers: Callable[[], bool], pause: Pause, seconds: float) -> None:
        """Return as soon as it answers. Raises EmulatorError if it ends, or never does."""
        deadline = time.monotonic() + seconds
        while not answers():
            self.check()
            if time.monotonic() > deadline:
                raise EmulatorError(f"{self.name} doesn't answer after {seconds:.0f} s; see {self.log}")
            pause(POLL_SECONDS)

    def stop(self, stop_signal: Signals | None = None) -> None:
        """End the process, by its own signal or another, and all that it started. Harmless when there is none."""
        if self._process is not None:
            with suppress(psutil.NoSuchProcess):
                end(psutil.Process(self._process.pid), stop_signal or self._stop_signal)
            self._process.wait()
            self._process = None
        self._record.unlink(missing_ok=True)

    def _last_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])


def end_left_over(directory: Path, names: Sequence[str]) -> None:
    """End the children of these names, in this order, that a killed emulator on this directory left."""
    for record in (directory / f"{name}.pid" for name in names):
        if not record.exists():
            continue
        with suppress(psutil.NoSuchProcess, ValueError):
            left = json.loads(record.read_text())
            process = psutil.Process(left["pid"])
            if abs(process.create_time() - left["made"]) < CLOCK_SECONDS:
                end(process, Signals(left["signal"]))
        record.unlink()


def end(process: psutil.Process, stop_signal: Signals) -> None:
    """End a process by its own signal, then whatever is left of it and its descendants."""
    family = process.children(recursive=True)
    process.send_signal(stop_signal)
    _wait([process], STOP_SECONDS)
    for survivor in _wait([process, *family], LEFTOVERS_SECONDS):
        with suppress(psutil.NoSuchProcess):
            survivor.kill()


def _wait(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Return those that still run after so many seconds, sooner if none does.

    Not psutil.wait_procs, to which one that has ended runs until it is reaped. Orphans are reaped by process 1,
    which in a container may take its time.
    """
    deadline = time.monotonic() + seconds
    while (running := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return running


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
