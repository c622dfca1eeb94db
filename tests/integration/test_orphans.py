"""No server outlives the process that has started it, however that ends: of a test run, and of the emulator."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from tests.acceptance.emulator_process import launch, running

ROOT = Path(__file__).parents[2]

TEST_FILE = """
import time
from pathlib import Path

def test_waits(postgres_url, ministack_url):
    Path({ready!r}).write_text(postgres_url)
    time.sleep(300)
"""


def wait_for_file(path: Path) -> str:
    """Return a file's text, once it has any."""
    end = time.monotonic() + 60
    while not (path.exists() and (text := path.read_text())):
        assert time.monotonic() < end
        time.sleep(0.05)
    return text


def still_running(processes: list[psutil.Process], within: float) -> list[psutil.Process]:
    """Return the processes that still run after so many seconds, sooner if none does."""
    end = time.monotonic() + within
    while (left := running(processes)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


@pytest.mark.slow(5)
@pytest.mark.parametrize(
    ("signals", "options"),
    [
        ([signal.SIGTERM], []),
        ([signal.SIGHUP], []),
        ([signal.SIGINT, signal.SIGINT], []),
        ([signal.SIGKILL], ["-n", "1"]),
    ],
)
def test_a_test_run_that_is_ended_leaves_nothing_running(
    tmp_path: Path, signals: list[signal.Signals], options: list[str]
) -> None:
    """With `-n 1` another process starts the servers. It ends when it loses the killed one."""
    ready = tmp_path / "ready"
    (tmp_path / "test_waits.py").write_text(TEST_FILE.format(ready=str(ready)))
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "-p", "no:cacheprovider", "-p", "tests.conftest"]
    command += [f"--rootdir={tmp_path}", f"--basetemp={tmp_path / 'base'}", *options, str(tmp_path)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=stop_ignoring_signals,  # it calls nothing that takes a lock
    ) as run:
        [sockets] = parse_qs(urlsplit(wait_for_file(ready)).query)["host"]
        processes = psutil.Process(run.pid).children(recursive=True)
        assert {"postgres", "emulator.ministack_server"} <= {
            word for process in processes for word in names(process)
        }
        for number in signals:
            run.send_signal(number)
            time.sleep(0.1)
    assert still_running(processes, within=20) == []
    assert not Path(sockets).exists()


def stop_ignoring_signals() -> None:
    """Undo what `nohup`, or a shell that starts a command in the background, does to all of its descendants."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def names(process: psutil.Process) -> list[str]:
    """Return the names of what a process runs."""
    return [Path(word).name for word in process.cmdline()]


@pytest.mark.slow(5)
def test_a_killed_emulator_leaves_nothing_running(tmp_path: Path) -> None:
    emulator = launch(tmp_path / "data")
    assert emulator.stdout is not None
    with emulator.stdout:
        while not emulator.stdout.readline().startswith("ready"):
            assert emulator.poll() is None
    processes = psutil.Process(emulator.pid).children(recursive=True)
    emulator.kill()
    emulator.wait()
    assert still_running(processes, within=15) == []


PARENT = """
import os, signal, subprocess, sys
from emulator.orphans import end_with_this_process
from emulator.termination import RunningServer

server = subprocess.Popen(["sh", "-c", sys.argv[1]], start_new_session=True)
end_with_this_process(RunningServer.describe(server.pid, signal.SIGTERM))
print(server.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_servers_of_a_killed_process_complete_what_they_have_begun(tmp_path: Path) -> None:
    completed = tmp_path / "completed"
    command = [sys.executable, "-c", PARENT, f"sleep 0.3; touch '{completed}'; sleep 300"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        server = psutil.Process(int(parent.stdout.readline()))
    assert still_running([server], within=15) == []
    assert completed.exists()
