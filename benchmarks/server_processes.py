"""Server processes of a benchmark: started with their output in a file, and stopped at the end."""

import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from signal import SIGTERM

import psutil

from benchmarks.environments import REPOSITORY
from emulator.orphans import end_with_this_process
from emulator.termination import RunningServer, terminate

START_SECONDS = 120


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], ready: str, directory: Path = REPOSITORY
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a server; yield it, and what the pattern `ready` matched in its output, of its first group."""
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(
            list(command), cwd=directory, env=dict(environment), stdout=log, stderr=subprocess.STDOUT
        )
        end_with_this_process(RunningServer.describe(process.pid, SIGTERM))
        try:
            yield process, _wait(process, Path(log.name), ready)
        except BaseException:
            print(f"The end of the output of {command!r}:\n{Path(log.name).read_text(errors='replace')[-3000:]}")
            raise
        finally:
            if process.poll() is None:
                terminate(psutil.Process(process.pid), SIGTERM)
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path, ready: str) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        output = log.read_text(errors="replace")
        if match := re.search(ready, output, re.MULTILINE):
            return match[1]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} didn't start")
