"""Starts emulators as processes of their own."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import TextIO

import psutil

from chaos.fault_log import FILE_NAME
from chaos.session import ENDED_MESSAGE
from emulator.orphans import end_with_this_process
from emulator.termination import RunningServer
from tests.acceptance.secret_search import check_logs
from tests.fault_counts import count_faults
from tests.postgres_templates import POSTGRES_TEMPLATES
from tests.small_disk import SmallDisk

REPOSITORY = Path(__file__).parents[2]
STOP_SECONDS = 20
SERVICE_VARIABLES = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "AWS_ENDPOINT_URL", "PUBLIC_URL")


@dataclass
class Emulator:
    """An emulator that has printed `ready`."""

    process: subprocess.Popen[str]
    url: str
    aws_url: str
    data: Path
    printed: Queue[str]
    """The lines that it has printed since, and an empty one at its end. A thread reads them: every request writes
    a line, and a full pipe would stop the emulator."""
    log: list[str]
    """All lines that it has printed."""
    reader: Thread

    def descendants(self) -> list[psutil.Process]:
        """Return all its descendants."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def command_lines(self) -> dict[psutil.Process, list[str]]:
        """Return the command lines of its descendants, without those that end meanwhile, as PostgreSQL's do."""
        found = {}
        for process in self.descendants():
            with suppress(psutil.NoSuchProcess):
                found[process] = process.cmdline()
        return found

    def kill_all(self) -> None:
        """Kill it and all its descendants."""
        for process in [psutil.Process(self.process.pid), *self.descendants()]:
            with suppress(psutil.NoSuchProcess):  # it followed its parent
                process.kill()

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send the signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def database_url(self) -> str:
        """Return the URL of its PostgreSQL as the tables' owner, from the environment of its HTTP server."""
        [http_server] = [
            child for child, command in self.command_lines().items() if "emulator.http_server" in command
        ]
        return http_server.environ()["MIGRATION_DATABASE_URL"]

    def end_chaos(self) -> None:
        """End all faults of `--chaos`, and return when no event is held back."""
        self.process.send_signal(signal.SIGUSR1)
        printed = ""
        for line in self.lines():
            if ENDED_MESSAGE in line:
                return
            printed += line
        raise AssertionError(f"the emulator has ended:\n{printed}")

    def faults(self) -> Counter[str]:
        """Return how many faults of each name there were. The fault log (chaos/fault_log.py) has their details."""
        return count_faults(self.data / FILE_NAME)

    def line(self) -> str:
        """Return the next line that it prints, an empty one at its end."""
        return self.printed.get(timeout=STOP_SECONDS)

    def lines(self) -> Iterator[str]:
        """Yield the lines that it prints until it ends."""
        while line := self.line():
            yield line


@dataclass(frozen=True)
class ProtectedEmulator:
    """An emulator with `AUTH=required`."""

    emulator: Emulator
    token: str
    """An administrator's."""


def run_token_command(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m emulator token` with this data directory."""
    environment = {name: value for name, value in os.environ.items() if name not in SERVICE_VARIABLES}
    command = [sys.executable, "-m", "emulator", "token", *arguments, "--data-dir", str(data)]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


def launch(
    data: Path,
    *arguments: str,
    tree: Path = REPOSITORY,
    disk: SmallDisk | None = None,
    variables: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Start an emulator of the app in `tree`, on any free ports unless `arguments` name some. Doesn't wait.

    `disk` is one that only its processes see. `variables` are added to its environment.
    """
    environment = {name: value for name, value in os.environ.items() if name not in SERVICE_VARIABLES}
    command = [sys.executable, "-m", "emulator", "--port", "0", "--aws-port", "0", "--data-dir", str(data)]
    command += ["--postgres-templates", str(POSTGRES_TEMPLATES)]
    command += arguments
    process = subprocess.Popen(
        disk.command(*command) if disk else command,
        cwd=tree,
        env={**environment, "PYTHONPATH": str(REPOSITORY), **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    end_with_this_process(RunningServer.describe(process.pid, signal.SIGTERM))
    return process


@contextmanager
def start_emulator(
    data: Path,
    *arguments: str,
    tree: Path = REPOSITORY,
    disk: SmallDisk | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Emulator]:
    """Run an emulator with this data directory. It is stopped at the end, unless the test has done so."""
    process = launch(data, *arguments, tree=tree, disk=disk, variables=variables)
    try:
        emulator = _ready(process, data)
        yield emulator
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(STOP_SECONDS)
    emulator.reader.join(STOP_SECONDS)
    check_logs("".join(emulator.log), data, variables or {})


def _ready(process: subprocess.Popen[str], data: Path) -> Emulator:
    assert process.stdout is not None
    printed = ""
    while not (match := re.search(r"^ready (\S+)\n(?:.*\n)*  S3 is at (\S+),", printed, re.MULTILINE)):
        line = process.stdout.readline()
        if not line:
            process.stdout.close()  # else a later test gets the ResourceWarning
            raise AssertionError(f"the emulator ended with {process.wait()}:\n{printed}")
        printed += line
    assert f"\n  in a browser: {match[1]}/ (its API: {match[1]}/api/docs)\n" in printed
    lines: Queue[str] = Queue()
    log = printed.splitlines(keepends=True)
    reader = Thread(target=_read, args=[process.stdout, lines, log], daemon=True)
    reader.start()
    return Emulator(process, match[1], match[2], data, lines, log, reader)


def _read(output: TextIO, lines: Queue[str], log: list[str]) -> None:
    with output:
        for line in output:
            log.append(line)
            lines.put(line)
    lines.put("")


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return the processes that still run. One that has ended and isn't reaped yet doesn't."""
    return [process for process in processes if process.is_running() and _status(process) != psutil.STATUS_ZOMBIE]


def _status(process: psutil.Process) -> str:
    try:
        return process.status()
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE
