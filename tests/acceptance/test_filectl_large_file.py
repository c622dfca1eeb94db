"""`filectl` uploads a file of 6 GiB: it is killed half-way and started again."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.acceptance.emulator_process import Emulator
from tests.filectl.command import COMMAND, Result, environment
from tests.filectl.counting_proxy import CountingProxy, run_counting_proxy

SIZE = 6 * 1024**3
PART_COUNT = SIZE // (16 * 1024**2)
PARALLEL = 4
MAX_MEMORY_BYTES = 100 * 1024**2


def proxy_variables(url: str) -> dict[str, str]:
    """Return the environment of a process that sends all requests to a proxy, also those to this machine."""
    values = {"HTTP_PROXY": url, "NO_PROXY": ""}
    return values | {name.lower(): value for name, value in values.items()}


class Run:
    """A running `filectl upload` behind the proxy."""

    def __init__(self, emulator: Emulator, proxy: CountingProxy, folder: Path) -> None:
        self.memory = 0
        self._process = subprocess.Popen(
            [*COMMAND, "upload", "large.bin", "--parallel", str(PARALLEL), "--url", emulator.url],
            cwd=folder,
            env=environment() | {"XDG_STATE_HOME": str(folder)} | proxy_variables(proxy.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def is_running(self) -> bool:
        """Return whether it runs, and measure its memory."""
        with suppress(psutil.NoSuchProcess):
            self.memory = max(self.memory, psutil.Process(self._process.pid).memory_info().rss)
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    def result(self) -> Result:
        out, err = self._process.communicate(timeout=10)
        return Result(self._process.returncode, out, err)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: reading the holes of a file on a disk fills the page cache."""
    memory = Path("/dev/shm")  # noqa: S108  # the folder in it has a name of its own
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as name:
        yield Path(name)


@pytest.mark.slow(27)
def test_a_killed_upload_of_6_gib_continues_with_flat_memory(service_emulator: Emulator, folder: Path) -> None:
    with (folder / "large.bin").open("wb") as file:
        file.truncate(SIZE)
    with run_counting_proxy() as proxy:
        first = Run(service_emulator, proxy, folder)
        while first.is_running() and len(proxy.stored) < PART_COUNT // 2:
            time.sleep(0.02)
        first.kill()
        assert first.result().status == -9
        half = set(proxy.stored)
        second = Run(service_emulator, proxy, folder)
        while second.is_running():
            time.sleep(0.05)
        result = second.result()
    assert (result.status, result.err) == (0, "")
    [[_, _, size, _]] = result.lines
    assert int(size) == SIZE
    again = {part for part, count in proxy.begun.items() if count > 1}
    assert set(proxy.begun) == set(range(1, PART_COUNT + 1))
    assert len(again) <= PARALLEL, f"sent twice: {sorted(again)}"
    assert len(half) >= PART_COUNT // 2
    assert 0 < max(first.memory, second.memory) < MAX_MEMORY_BYTES
