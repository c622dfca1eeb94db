"""Makes MiniStack fork the processes in which it runs functions, and end those that are idle.

MiniStack starts Python for each, imports botocore to detect recursive invocations, and keeps the first process of
each function forever: 60 MiB each. docs/decisions/0046-the-emulators-memory.md says why processes are forked.

Only MiniStack's process uses this module. It replaces parts of ministack/core/lambda_runtime.py (1.5.33).
"""

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM
from threading import Lock, Thread
from types import SimpleNamespace
from typing import Any

from emulator.fork_server import MESSAGE, PID

PROGRAM = Path(__file__).with_name("fork_server.py")
IDLE_SECONDS = 30.0
"""After which a process is ended. MiniStack's own limit is five minutes, except for a function's first process."""
CHECK_SECONDS = 1.0

OWN_VARIABLES = frozenset({"LAMBDA_TASK_ROOT", "_HANDLER"})
OWN_PREFIXES = ("AWS_LAMBDA_", "_LAMBDA_")
"""The variables in which the functions of one app differ, and the prefixes of others."""


class ForkedProcess:
    """A process that a fork server has forked, with the part of subprocess.Popen that MiniStack uses."""

    def __init__(self, pid: int, connection: socket.socket, stdin: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.stdin = os.fdopen(stdin, "w", buffering=1)
        self.stdout = os.fdopen(stdout)
        self.stderr = os.fdopen(stderr)
        self._connection = connection
        """Isn't closed before the last thread that may wait has ended."""
        self._has_ended = False

    def poll(self) -> int | None:
        """Return 0 if it has ended, with whatever exit code, and None if it runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Return 0 when it has ended. Raises TimeoutExpired."""
        if not self._has_ended:
            ended = select.poll()  # select() fails with descriptors above 1023
            ended.register(self._connection, select.POLLIN)
            if not ended.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(["fork"], timeout or 0)
            if not self._connection.recv(1, socket.MSG_PEEK):
                self._send(SIGKILL)  # its fork server was killed, and can't report its end
            self._has_ended = True
        return 0

    def terminate(self) -> None:
        """Send SIGTERM."""
        if self.poll() is None:  # otherwise the id may be another process's
            self._send(SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        if self.poll() is None:
            self._send(SIGKILL)

    def _send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)


class ForkServer:
    """A process of emulator/fork_server.py."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Start it with a function's environment."""
        self._control, theirs = socket.socketpair()
        self._is_ready = False
        self._starting = Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(PROGRAM), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=dict(environment),
                pass_fds=[theirs.fileno()],
            )

    def fork(self, program: str, directory: str, environment: Mapping[str, str]) -> ForkedProcess:
        """Return a process that runs the Python program, once the app is imported.

        Raises OSError if the app can't be imported or shared, or if the server has ended.
        """
        self._wait_until_ready()
        ours, theirs = socket.socketpair()
        (stdin, stdin_end), (stdout_end, stdout), (stderr_end, stderr) = os.pipe(), os.pipe(), os.pipe()
        descriptors = [stdin, stdout, stderr, theirs.detach()]
        with suppress(OSError):  # it has ended: no id is received
            socket.send_fds(self._control, [MESSAGE], descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        pid = ours.recv(PID.size)
        if not pid:
            ours.close()
            for descriptor in (stdin_end, stdout_end, stderr_end):
                os.close(descriptor)
            raise OSError("the fork server has ended")
        process = ForkedProcess(PID.unpack(pid)[0], ours, stdin_end, stdout_end, stderr_end)
        request = {"program": program, "directory": directory, "environment": dict(environment)}
        process.stdin.write(json.dumps(request) + "\n")
        return process

    def _wait_until_ready(self) -> None:
        with self._starting:
            self._is_ready = self._is_ready or bool(self._control.recv(len(MESSAGE)))
            if not self._is_ready:
                self._process.wait()
                raise OSError("the app can't be imported, or can't be shared by processes")

    def stop(self) -> None:
        """Let it end with its last process, at once if it still imports the app."""
        if not self._is_ready:
            self._process.kill()
        with suppress(OSError):  # it has ended
            self._control.shutdown(socket.SHUT_RDWR)

    def has_ended(self) -> bool:
        """Return whether it has ended."""
        return self._process.poll() is not None


class FunctionWorkers:
    """Replacements for parts of MiniStack. `runtime` and `lambda_svc` are its modules."""

    def __init__(self, runtime: Any, lambda_svc: Any) -> None:
        self._runtime = runtime
        self._lambda = lambda_svc
        self._invalidate = lambda_svc.invalidate_worker  # MiniStack has no hooks
        self._servers: dict[frozenset[tuple[str, str]], ForkServer] = {}
        self._stopped: list[ForkServer] = []
        self._thread: Thread | None = None
        self._lock = Lock()

    def install(self) -> None:
        """Let MiniStack call the methods below."""
        constants = {name: getattr(subprocess, name) for name in ("DEVNULL", "PIPE", "STDOUT")}
        self._runtime.subprocess = SimpleNamespace(Popen=self.start, **constants)
        self._runtime._PYTHON_WORKER_SCRIPT = without_botocore(self._runtime._PYTHON_WORKER_SCRIPT)
        self._lambda.invalidate_worker = self.invalidate
        self._lambda._ensure_reaper_thread = self.watch

    def start(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[str] | ForkedProcess":
        """Start a worker, forked if its code is that of a working tree."""
        environment = options["env"]
        if command[0] == sys.executable and "WORKING_TREE" in environment:
            with self._lock:
                server = self._find_server(environment)
            with suppress(OSError):  # not with the lock: the import may take long, and MiniStack's requests wait
                return server.fork(command[1], options["cwd"], environment)
        return subprocess.Popen(command, **options)

    def invalidate(self, *arguments: Any, **options: Any) -> Any:
        """End the workers of a function whose code or settings have changed. The next imports the app again."""
        with self._lock:
            for server in self._servers.values():
                server.stop()
            self._stopped += self._servers.values()
            self._servers.clear()
        return self._invalidate(*arguments, **options)

    def watch(self) -> None:
        """Start a thread that ends idle workers, once. MiniStack calls it before each invocation."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._end_idle_forever, name="idle workers", daemon=True)
                self._thread.start()

    def _end_idle_forever(self) -> None:
        while True:
            time.sleep(CHECK_SECONDS)
            self.end_idle()

    def end_idle(self) -> None:
        """End the workers that have been idle for long, the last one of a function as well."""
        with self._lock:
            self._stopped = [server for server in self._stopped if not server.has_ended()]
        idle, oldest = [], time.time() - IDLE_SECONDS
        with self._runtime._lock:
            for key, workers in list(self._runtime._workers.items()):
                idle += [worker for worker in workers if not worker.in_use and worker.last_used < oldest]
                self._runtime._workers[key] = [worker for worker in workers if worker not in idle]
        self._runtime.kill_workers(idle)

    def _find_server(self, environment: Mapping[str, str]) -> ForkServer:
        key = frozenset(
            (name, value)
            for name, value in environment.items()
            if name not in OWN_VARIABLES and not name.startswith(OWN_PREFIXES)
        )
        if key not in self._servers or self._servers[key].has_ended():
            self._servers[key] = ForkServer(environment)
        return self._servers[key]


def without_botocore(program: str) -> str:
    """Return a worker's program without its import of botocore, which MiniStack uses to detect recursive
    invocations."""
    return program.replace("\n    _ms_install_invoke_depth()\n", "\n")
