"""The routes' process, as the emulator sees it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from select import select
from socket import socket

from emulator.app_spec import Description
from emulator.errors import EmulatorError
from emulator.http_server import DRAIN_SECONDS, SERVE
from emulator.processes import POLL_SECONDS, Pause


class RoutesProcess:
    """A process that has imported the app, and serves its routes when told to.

    It ends when its stdin does, so also when the emulator is killed.
    """

    def __init__(self, listener: socket, tree: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "emulator.http_server", str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=tree,
            env=dict(environment),
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )

    def describe(self, pause: Pause) -> Description:
        """Return what the app asks for, when it is imported. Raises EmulatorError if it can't be."""
        assert self._process.stdout is not None
        while not select([self._process.stdout], [], [], 0)[0]:
            pause(POLL_SECONDS)
        line = self._process.stdout.readline()
        if not line:
            raise EmulatorError("the app can't be served; the reason stands above")
        return Description.from_dict(json.loads(line))

    def serve(self) -> None:
        """Let it answer requests."""
        assert self._process.stdin is not None
        self._process.stdin.write(SERVE.encode())
        self._process.stdin.flush()

    def check(self) -> None:
        """Raise EmulatorError if the process has ended."""
        if (code := self._process.poll()) is not None:
            raise EmulatorError(f"the routes' process ended with code {code}")

    def stop(self) -> None:
        """Let it answer what it has begun, and end it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(DRAIN_SECONDS + 1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
