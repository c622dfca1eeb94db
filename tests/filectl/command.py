"""Runs filectl."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from filectl.program import main
from tests.pages.console_commands import PROJECT

COMMAND = [sys.executable, "-m", "filectl"]


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[list[str]]:
        """The values of each line on standard output."""
        return [line.split("\t") for line in self.out.splitlines()]

    @property
    def json(self) -> list[Any]:
        """The values on standard output, one of each line."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json_errors(self) -> list[Any]:
        return [json.loads(line) for line in self.err.splitlines()]


@dataclass
class Filectl:
    """Calls filectl in this process. Nothing is a terminal."""

    user: Path
    capture: pytest.CaptureFixture[str]
    url: str | None = None
    """The option --url."""

    def __call__(self, *arguments: str) -> Result:
        url = ["--url", self.url] if self.url else []
        self.capture.readouterr()
        status = main([*url, *arguments])
        captured = self.capture.readouterr()
        return Result(status, captured.out, captured.err)

    def states(self) -> list[Path]:
        """Return what is stored of uploads."""
        return list((self.user / "state" / "file-loader" / "uploads").glob("*.json"))


def environment() -> dict[str, str]:
    """Return the environment in which a process finds filectl."""
    path = os.pathsep.join([str(PROJECT / "client" / "src"), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Start filectl as a process of its own."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([*COMMAND, *arguments], env=environment(), text=True, **options)


def finish(process: subprocess.Popen[str], seconds: float = 20) -> Result:
    """Return how the process ends."""
    out, err = process.communicate(timeout=seconds)
    return Result(process.returncode, out or "", err or "")
