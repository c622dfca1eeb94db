"""Keeps servers and directories from outliving the process that made them, however that ends.

A process that is killed can't stop its servers, and macOS has no signal for the death of a parent. So a small
process does it: emulator/orphan_guard.py, one for each process that starts servers. Should that be killed too, the
next emulator on the same data directory ends the servers.
"""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from emulator.orphan_guard import END
from emulator.termination import RunningServer

GUARD = "emulator.orphan_guard"
ROOT = Path(__file__).parents[1]


def end_with_this_process(server: RunningServer) -> None:
    """End the server when this process ends, unless it has ended by then. The first one is ended first."""
    _notify_guard(server.to_json() + "\n")


def delete_with_this_process(directory: Path) -> None:
    """Delete the directory when this process and its servers have ended, unless it is deleted by then."""
    _notify_guard(json.dumps(str(directory)) + "\n")


def terminate_orphans(directory: Path, names: Sequence[str]) -> None:
    """End the server processes of these names, in this order, that a killed emulator left on this directory."""
    for record in (directory / f"{name}.pid" for name in names):
        if record.exists():
            with suppress(ValueError, TypeError):
                RunningServer.from_json(record.read_text()).terminate()
            record.unlink()


def _notify_guard(line: str) -> None:
    guard = _start_guard(os.getpid())
    assert guard.stdin is not None
    with suppress(OSError):  # it was killed
        guard.stdin.write(line.encode())
        guard.stdin.flush()


@cache
def _start_guard(pid: int) -> "subprocess.Popen[bytes]":
    """Start the guard of this process, whose id distinguishes it from a process that it was forked from."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    guard = subprocess.Popen(
        [sys.executable, "-m", GUARD, str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    atexit.register(_end_guard, guard, pid)
    return guard


def _end_guard(guard: "subprocess.Popen[bytes]", pid: int) -> None:
    """Let it end what still runs, and wait for that. Does nothing in a process that was forked from its own."""
    if os.getpid() == pid:
        _notify_guard(END)
        guard.wait()
        assert guard.stdin is not None
        guard.stdin.close()
