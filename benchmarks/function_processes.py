"""Functions in processes of their own, as Lambda runs them, and what they measure there."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.environments import lambda_python

PROBE = Path(__file__).with_name("function_probe.py")


def run_function(
    root: Path, handler: str, events: Sequence[Any], environment: Mapping[str, str], calls: int = 0
) -> dict[str, Any]:
    """Start a function of the package in `root`, and return what its process has measured, in seconds.

    `cold` is the time from the first import to the first response, `first` that of the first call alone.
    `cold_processor` and `first_processor` are the same in processor time. `calls` has the processor time of each
    warm call. `response` is the first response.
    """
    request = json.dumps({"root": str(root), "handler": handler, "events": events, "calls": calls})
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        done = subprocess.run(
            [str(lambda_python()), "-I", "-S", "-B", str(PROBE), str(result)],
            input=request,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{handler} of {root} failed:\n{done.stdout[-3000:]}")
        measured: dict[str, Any] = json.loads(result.read_text())
        return measured
