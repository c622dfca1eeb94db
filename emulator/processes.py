"""Server processes that the emulator starts, and that don't outlive it for long."""

import pwd
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import Signals

import psutil

from emulator.errors import EmulatorError
from emulator.log_rotation import rotate
from emulator.orphans import end_with_this_process
from emulator.termination import POLL_SECONDS, RunningServer, terminate

Pause = Callable[[float], object]
"""Waits so many seconds; may raise to end the waiting. `time.sleep` is one."""


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
        rotate(self.log)
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
        record = RunningServer.describe(self._process.pid, self._stop_signal)
        end_with_this_process(record)
        with suppress(OSError):  # a full disk; only the next emulator reads it, if the orphan guard was killed too
            self._record.write_text(record.to_json())

    def has_ended(self) -> bool:
        """Return whether the process has ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def check(self) -> None:
        """Raise EmulatorError if the process has ended."""
        assert self._process is not None, f"{self.name} was not started"
        if (code := self._process.poll()) is not None:
            raise EmulatorError(f"{self.name} ended with code {code}. From {self.log}:\n{self._last_log_lines()}")

    def rotate_log(self) -> None:
        """Keep the log small. Can be called often: it takes some microseconds."""
        rotate(self.log)

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
