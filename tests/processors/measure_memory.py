"""Analyze a file in a process that does nothing else, to measure its memory."""

import atexit
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

MAX_MEBIBYTES = 200
"""Of the process and its child together. In the function, the rest of the app adds some 16."""

_CODE = """
import json, os, resource, sys, traceback
from pathlib import Path
from chalicelib.core.errors import BadContentError
from chalicelib.processors.registry import analyze
from chalicelib.processors.sandbox.parent import SERVER

def measure(path, *declared_types):
    with open(path, "rb") as file:
        try:
            analysis = analyze(file, Path(path).stat().st_size, declared_types)
            ((ending, facts),) = analysis.result.items()
            has_thumbnail = analysis.thumbnail is not None
        except BadContentError as error:
            ending, facts, has_thumbnail = error.kind.code, {}, False
    SERVER.stop()
    # A process's getrusage starts from its parent's peak; VmHWM doesn't.
    status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    peak = status["VmHWM"].split()[0]
    peak_of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return ending, facts, has_thumbnail, (int(peak) + peak_of_children) // 1024

for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            print(json.dumps(measure(*json.loads(line))), flush=True)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if status := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        print(json.dumps([f"exited with {status}", {}, False, 0]), flush=True)
"""


@dataclass(frozen=True)
class Measurement:
    """How a file was analyzed: `ending` is the processor's name or the error's code."""

    ending: str
    facts: dict[str, Any]
    has_thumbnail: bool
    mebibytes: int
    """The peak."""


def measure_memory(content: bytes, folder: Path, *declared_types: str) -> Measurement:
    """Analyze the file in a process of its own."""
    file = folder / "file"
    file.write_bytes(content)
    measuring = _measuring_process()
    assert measuring.stdin is not None
    assert measuring.stdout is not None
    measuring.stdin.write(json.dumps([str(file), *declared_types]) + "\n")
    measuring.stdin.flush()
    return Measurement(*json.loads(measuring.stdout.readline()))


@cache
def _measuring_process() -> "subprocess.Popen[str]":
    """Start the process that forks one for each file: to import the processors takes longer than to analyze most
    files. Its own memory is that of the imports alone."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(process.communicate)  # it ends at the end of its input
    return process
