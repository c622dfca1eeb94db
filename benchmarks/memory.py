"""The memory of processes."""

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil


def total_pss(processes: Iterable[psutil.Process]) -> float:
    """Return the MiB of the processes and their descendants. Pages that several share are counted once (PSS).

    https://docs.kernel.org/filesystems/proc.html
    """
    every = {process.pid for parent in processes for process in [parent, *parent.children(recursive=True)]}
    return sum(_pss(pid) for pid in every)


def _pss(pid: int) -> float:
    with suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        if found := re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE):
            return int(found[1]) / 1024
    return 0.0
