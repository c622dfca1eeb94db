"""MiniStack's workers are forked from a process that has imported the app."""

import os
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE
from textwrap import dedent
from threading import Lock
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from emulator import function_workers
from emulator.fork_server import NICENESS
from emulator.function_workers import IDLE_SECONDS, ForkedProcess, ForkServer, FunctionWorkers, without_botocore

APP = """
    import os
    with open(os.environ["IMPORTS"], "a") as file:
        file.write("imported\\n")
    warmed_up = []
    def warm_up_functions():
        warmed_up.append(os.getpid())
"""
WORKER = """
    import json, os, sys
    import app
    print(json.dumps([
        os.environ["_HANDLER"], os.getcwd(), sys.argv[0], sys.stdin.readline(), app.warmed_up == [os.getppid()],
    ]))
    print("to stderr", file=sys.stderr)
"""


class Workers:
    """Starts workers of a working tree as MiniStack does."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.directory = directory
        self.app = directory / "app.py"
        self.app.write_text(dedent(APP))
        self.program = directory / "_worker.py"
        self.program.write_text(dedent(WORKER))
        self.imports = directory / "imports"
        self.invalidated: list[str] = []
        self.runtime = SimpleNamespace(
            _PYTHON_WORKER_SCRIPT="",
            _lock=Lock(),
            _workers={},
            kill_workers=lambda workers: self.ended.extend(workers),
        )
        self.ended: list[Any] = []
        self.lambda_svc = SimpleNamespace(invalidate_worker=self.invalidated.append)
        self.workers = FunctionWorkers(self.runtime, self.lambda_svc)
        self.workers.install()
        self.started: list[Any] = []
        self.servers: list[ForkServer] = []
        monkeypatch.setattr(function_workers, "ForkServer", self.start_server)

    def start_server(self, environment: dict[str, str]) -> ForkServer:
        """Return a server that is closed after the test."""
        self.servers.append(ForkServer(environment))
        return self.servers[-1]

    def start(self, attribute: str) -> Any:
        """Return the process of a function's worker."""
        environment = {**os.environ, "WORKING_TREE": str(self.directory), "IMPORTS": str(self.imports)}
        process = self.runtime.subprocess.Popen(
            [sys.executable, str(self.program)],
            cwd=str(self.directory),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            text=True,
            bufsize=1,
            env={**environment, "_HANDLER": attribute, "PYTHONPATH": str(self.directory)},
        )
        self.started.append(process)
        return process

    def stop(self) -> None:
        self.workers.invalidate("all")
        for process in self.started:
            process.kill()
            process.wait(10)
            for stream in (process.stdin, process.stdout, process.stderr):
                stream.close()
        for process in self.started:
            if isinstance(process, ForkedProcess):
                process._connection.close()
        for server in self.servers:
            server._process.wait()  # for its last worker
            server._control.close()


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    workers = Workers(tmp_path, monkeypatch)
    yield workers
    workers.stop()


def is_running(pid: int) -> bool:
    """Return whether a process runs, within a second."""
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return False
        time.sleep(0.01)
    return True


def test_functions_yield_to_the_routes(workers: Workers) -> None:
    started = workers.start("process_upload")
    assert os.getpriority(os.PRIO_PROCESS, started.pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, 19)


def test_functions_of_an_app_share_its_import(workers: Workers) -> None:
    processes = [workers.start(name) for name in ("one", "two")]
    for process, name in zip(processes, ("one", "two"), strict=True):
        assert process.poll() is None
        process.stdin.write(f"hello {name}\n")
        process.stdin.flush()
        directory, program = str(workers.directory), str(workers.program)
        expected = f'["{name}", "{directory}", "{program}", "hello {name}\\n", true]'
        assert process.stdout.readline().replace("\\\\", "\\").strip() == expected
        assert process.stderr.read() == "to stderr\n"
        assert process.wait(10) == 0
        assert process.poll() == 0
    assert workers.imports.read_text() == "imported\n"


def test_a_changed_app_is_imported_again_while_old_workers_run(workers: Workers) -> None:
    old = workers.start("one")
    workers.lambda_svc.invalidate_worker("one")
    assert workers.invalidated == ["one"]
    new = workers.start("one")
    assert workers.imports.read_text() == "imported\n" * 2
    for process in (old, new):
        assert process.poll() is None
        process.stdin.write("\n")
        process.stdin.flush()
        assert '"one"' in process.stdout.readline()
        assert process.wait(10) == 0


def test_what_the_import_prints_comes_out_of_no_worker(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    workers.app.write_text(workers.app.read_text() + "print('{}'); print('printed', end='')")
    for _ in range(2):
        process = workers.start("one")
        assert isinstance(process, ForkedProcess)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith('["one"')
        assert process.stderr.read() == "to stderr\n"
    assert capfd.readouterr().err == "{}\nprinted"


def test_a_long_import_holds_up_only_its_workers(workers: Workers) -> None:
    fifo = workers.directory / "fifo"
    os.mkfifo(fifo)
    workers.app.write_text(workers.app.read_text() + f"open({str(fifo)!r}).close()")
    with ThreadPoolExecutor(1) as threads:
        started = threads.submit(workers.start, "one")
        while not workers.imports.exists():
            time.sleep(0.01)
        workers.lambda_svc._ensure_reaper_thread()
        workers.app.write_text(dedent(APP))
        workers.lambda_svc.invalidate_worker("one")  # MiniStack responds to nothing else in the meantime
        process = started.result(10)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith('["one"')


def test_a_killed_fork_server_leaves_nothing_and_is_replaced(workers: Workers) -> None:
    old = workers.start("one")
    [server] = workers.workers._servers.values()
    server._process.kill()
    server._process.wait()
    assert old.wait(10) == 0
    assert not is_running(old.pid)
    process = workers.start("one")
    assert isinstance(process, ForkedProcess)
    assert process.poll() is None


def test_functions_that_hang_are_ended_after_ministack(workers: Workers) -> None:
    workers.app.write_text(workers.app.read_text() + "import sys; sys.modules['__main__'].LAST_SECONDS = 0.1")
    process = workers.start("one")
    workers.lambda_svc.invalidate_worker("one")  # closes the connection, as MiniStack's end does
    assert process.wait(10) == 0


def test_a_process_that_the_import_started_may_end(workers: Workers) -> None:
    addition = "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'input()'])"
    workers.app.write_text(workers.app.read_text() + addition)
    first = workers.start("one")
    assert isinstance(first, ForkedProcess)
    time.sleep(0.3)
    assert first.poll() is None
    assert isinstance(workers.start("one"), ForkedProcess)


def test_ministack_may_have_many_descriptors(workers: Workers) -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit[0] < 1100:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1100, limit[1]))
    descriptors = [os.open(os.devnull, os.O_RDONLY) for _ in range(1024)]
    try:
        assert workers.start("one").poll() is None
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


@pytest.mark.parametrize("signal", ["terminate", "kill"])
def test_workers_can_be_ended(signal: str, workers: Workers) -> None:
    process = workers.start("one")
    assert isinstance(process, ForkedProcess)
    getattr(process, signal)()
    assert process.wait(10) == 0
    process.kill()  # it has ended: another process may have its id


def test_workers_end_with_ministack(workers: Workers) -> None:
    process = workers.start("one")
    process.stdin.close()
    assert process.wait(10) == 0


@pytest.mark.parametrize(
    "addition",
    [
        "raise RuntimeError('broken')",
        "raise SystemExit",
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "import socket; connection = socket.socket()",
    ],
)
def test_an_app_that_cannot_be_forked_is_imported_by_each_worker(addition: str, workers: Workers) -> None:
    workers.app.write_text(workers.app.read_text() + addition)
    process = workers.start("one")
    assert not isinstance(process, ForkedProcess)
    process.stdin.close()
    process.wait(10)
    assert workers.imports.read_text() == "imported\n" * 2


def test_idle_workers_are_ended(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.function_workers.CHECK_SECONDS", 0.01)
    now = time.time()
    busy, recent, idle = (
        SimpleNamespace(in_use=is_busy, last_used=now - seconds)
        for is_busy, seconds in [(True, IDLE_SECONDS + 1), (False, 0), (False, IDLE_SECONDS + 1)]
    )
    workers.runtime._workers = {"one": [idle], "two": [busy, recent]}
    for _ in range(2):
        workers.lambda_svc._ensure_reaper_thread()
    while not workers.ended:
        time.sleep(0.01)
    assert workers.ended == [idle]
    assert workers.runtime._workers == {"one": [], "two": [busy, recent]}


def test_workers_do_not_load_botocore() -> None:
    from ministack.core import lambda_runtime

    changed = without_botocore(lambda_runtime._PYTHON_WORKER_SCRIPT)
    compile(changed, "worker", "exec")
    assert changed.count("_ms_install_invoke_depth") == 1  # its definition
    assert lambda_runtime._PYTHON_WORKER_SCRIPT.count("_ms_install_invoke_depth") == 2
