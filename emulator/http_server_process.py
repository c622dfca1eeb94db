"""The supervisor's side of the process that serves the routes."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from select import select
from socket import socket
from threading import Thread
from typing import IO

from emulator.app_spec import AppSpec
from emulator.environment import with_freed_memory_returned
from emulator.errors import EmulatorError
from emulator.http_server_protocol import DRAIN_SECONDS, SERVE_COMMAND
from emulator.processes import Pause
from emulator.termination import POLL_SECONDS


class HttpServerProcess:
    """A process that has imported the app, and serves its routes after `serve`.

    It exits when its stdin is closed, so also when the supervisor is killed.
    """

    def __init__(
        self,
        listener: socket,
        tree: Path,
        environment: Mapping[str, str],
        print_line: Callable[[str], None] | None = None,
    ) -> None:
        """`print_line` is called with each line of its output, from a thread. None leaves stderr shared."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "emulator.http_server", str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if print_line else None,
            cwd=tree,
            env=with_freed_memory_returned(environment),
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        self._output: Thread | None = None
        if print_line is not None:
            self._output = Thread(target=_print_output, args=[self._process.stderr, print_line], daemon=True)
            self._output.start()

    def read_app_spec(self, pause: Pause) -> AppSpec:
        """Return what the app asks for, once it is imported. Raises EmulatorError if it can't be imported."""
        assert self._process.stdout is not None
        while not select([self._process.stdout], [], [], 0)[0]:
            pause(POLL_SECONDS)
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._join_output()
            raise EmulatorError("the app can't be imported; the reason is above")
        document = json.loads(line)
        if isinstance(document, str):
            raise EmulatorError(document)
        return AppSpec.from_dict(document)

    def serve(self) -> None:
        """Let it serve requests."""
        assert self._process.stdin is not None
        self._process.stdin.write(SERVE_COMMAND.encode())
        self._process.stdin.flush()

    def check(self) -> None:
        """Raise EmulatorError if the process has ended."""
        if (code := self._process.poll()) is not None:
            raise EmulatorError(f"the HTTP server ended with code {code}")

    def stop(self) -> None:
        """Let it complete the requests that have begun, and end it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(DRAIN_SECONDS + 1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._join_output()

    def _join_output(self) -> None:
        if self._output is not None:
            self._output.join(1)  # a process that the app has started may keep the pipe open


def _print_output(output: IO[bytes], print_line: Callable[[str], None]) -> None:
    for line in output:
        print_line(line.decode(errors="replace").rstrip("\n"))
