"""The processes in which MiniStack runs the functions."""

import re
from contextlib import suppress
from random import Random

import psutil

WORKER = re.compile(r"/ministack-lambda-(?P<function>.+)-[^-/]+/_worker\.\w+")
"""What MiniStack starts: a script in a directory that tempfile has named for the function
(ministack/core/lambda_runtime.py, Worker._spawn)."""


def kill_one(ministack: int, random: Random) -> tuple[str, int] | None:
    """Kill a worker of the MiniStack with this pid. Return its function's name and its pid, None if none runs."""
    running = [(process, function) for process in _children(ministack) if (function := _function(process))]
    if not running:
        return None
    process, function = random.choice(sorted(running, key=lambda worker: worker[0].pid))
    with suppress(psutil.NoSuchProcess):
        process.kill()
        return function, process.pid
    return None


def _children(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children()
    except psutil.NoSuchProcess:  # the emulator notices by itself
        return []


def _function(process: psutil.Process) -> str | None:
    """Return the name of the function that a process works for; None if it does no such thing, or has ended."""
    try:
        found = WORKER.search(" ".join(process.cmdline()))
    except psutil.Error:
        return None
    return found["function"] if found else None
