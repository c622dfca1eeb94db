"""MiniStack's workers are forked from a process that has imported the app."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from textwrap import dedent
from threading import Lock
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.function_workers import IDLE_SECONDS, ForkedProcess, FunctionWorkers, without_botocore

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

    def __init__(self, directory: Path) -> None:
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
        while self.workers._stopped:  # they end with their last worker
            self.workers.end_idle()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(tmp_path)
    yield workers
    workers.stop()


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
