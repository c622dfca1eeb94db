"""Measure what `GET /api/openapi.json` costs in a new process: the first response, and the second one.

    .venv/bin/python -m benchmarks.description_cost [--runs 20]

A package has the document (`infra.packaging.description`); these sources build it. Their runs alternate.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from infra.packaging.description import REQUEST, write_description
from infra.packaging.sources import copy_app

CODE = f"""
import json, sys, time
sys.path.insert(0, "")
import app

def respond():
    begin, processor = time.perf_counter(), time.process_time()
    assert app.app({REQUEST!r}, None)["statusCode"] == 200
    return time.perf_counter() - begin, time.process_time() - processor

print("RESULT", json.dumps([*respond(), *respond()]))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="of each (20)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trees = {name: Path(folder, name) for name in ("sources", "package")}
        for tree in trees.values():
            tree.mkdir()
            copy_app(Path(__file__).parents[1], tree)
        write_description(trees["package"])
        times: dict[str, list[list[float]]] = {name: [] for name in trees}
        for tree in trees.values():
            measure(tree)  # compiles its modules
        for run in range(options.runs):
            for name in sorted(trees, reverse=run % 2 == 1):
                times[name].append(measure(trees[name]))
    print(f"{'':8} {'first':>9} {'processor':>9} {'second':>9} {'processor':>9}")
    for name, runs in times.items():
        print(f"{name:8}", *(f"{median(run[index] for run in runs) * 1000:6.2f} ms" for index in range(4)))
    return 0


def measure(tree: Path) -> list[float]:
    """Return the seconds and the processor seconds of the first response, and of the second."""
    environment = {**os.environ, "LOG_LEVEL": "CRITICAL"}
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    [result] = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    times: list[float] = json.loads(result.removeprefix("RESULT "))
    return times


if __name__ == "__main__":
    sys.exit(main())
