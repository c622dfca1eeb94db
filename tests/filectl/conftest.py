"""filectl and the folders of its user."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.fake_service import FakeService, run_fake_service, skip_backoff
from tests.filectl.command import Filectl


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """A fake service. Further attempts follow at once."""
    skip_backoff(monkeypatch)
    with run_fake_service() as running:
        yield running


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a user who has never used filectl, and works in its folder `work`."""
    for name in [name for name in os.environ if name.startswith(("FILE_LOADER_", "FILECTL_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("TERM", "xterm")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


@pytest.fixture
def filectl(user: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Filectl]:
    """The command, in this process, with a URL of no service."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Filectl(user, capfd)
    for number, handler in handlers.items():
        signal.signal(number, handler)
    sys.stdout.flush()
