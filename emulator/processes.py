"""Server processes that the emulator starts, and that don't outlive it for long."""

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
DESCENDANTS_STOP_SECONDS = 2.0
CLOCK_TOLERANCE_SECONDS = 2.0
"""psutil computes a process's start time from the time of boot, which shifts when the clock is set."""


class ServerProcess:
    """A server process that is stopped with its own signal: by the next emulator if its own was killed.

    It runs in a session of its own, so that Ctrl-C in a terminal reaches only the emulator.
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
        user: pwd.struct_passwd | None = None,
    ) -> None:
        """Start the command, with its output in the log. `user` is the user to run it as, which requires root."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                pass_fds=tuple(pass_fds),
                start_new_session=True,
                user=None if user is None else user.pw_uid,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else (),
            )
        started_at = psutil.Process(self._process.pid).create_time()
        self._record.write_text(
            json.dumps({"pid": self._process.pid, "started_at": started_at, "signal": self._stop_signal})
        )

    def check(self) -> None:
        """Raise EmulatorError if the process has ended."""
        assert self._process is not None, f"{self.name} was not started"
        if (code := self._process.poll()) is not None:
            raise EmulatorError(f"{self.name} ended with code {code}. From {self.log}:\n{self._last_log_lines()}")

    def wait_until(self, is_ready: Callable[[], bool], pause: Pause, seconds: float) -> None:
        """Return as soon as the server is ready. Raises EmulatorError if it ends, or isn't ready in time."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise EmulatorError(f"{self.name} isn't ready after {seconds:.0f} s; see {self.log}")
            pause(POLL_SECONDS)

    def stop(self, stop_signal: Signals | None = None) -> None:
        """End the process, with its own signal or another, and its descendants. Does nothing if not running."""
        if self._process is not None:
            with suppress(psutil.NoSuchProcess):
                terminate(psutil.Process(self._process.pid), stop_signal or self._stop_signal)
            self._process.wait()
            self._process = None
        self._record.unlink(missing_ok=True)

    def _last_log_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])


def terminate_orphans(directory: Path, names: Sequence[str]) -> None:
    """End the server processes of these names, in this order, that a killed emulator left on this directory."""
    for record in (directory / f"{name}.pid" for name in names):
        if not record.exists():
            continue
        with suppress(psutil.NoSuchProcess, ValueError, KeyError):
            orphan = json.loads(record.read_text())
            process = psutil.Process(orphan["pid"])
            if abs(process.create_time() - orphan["started_at"]) < CLOCK_TOLERANCE_SECONDS:
                terminate(process, Signals(orphan["signal"]))
        record.unlink()


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
