"""Measure what `GET /api/openapi.json` costs in a new process: the first response, and later ones.

    .venv/bin/python -m benchmarks.description_cost [--runs 20]

A package has the document (`infra.packaging.description`); without it the app builds it. Their runs alternate.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.environments import BENCH, REPOSITORY
from benchmarks.function_processes import run_function
from benchmarks.table import Row, format_table
from benchmarks.task_root import service_root
from infra.packaging.description import DESCRIPTION, REQUEST

CALLS = 20


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="of each (20)")
    runs = parser.parse_args().runs
    package = service_root(REPOSITORY, "this")
    with tempfile.TemporaryDirectory(dir=BENCH) as folder:
        without = shutil.copytree(package, Path(folder, "package"), copy_function=os.link)
        (without / DESCRIPTION).unlink()
        times: dict[Path, list[list[float]]] = {package: [], without: []}
        for run in range(runs + 1):
            for root in sorted(times, reverse=run % 2 == 1):
                measured = run_function(root, "app.app", [REQUEST], {"LANG": "C.UTF-8"}, CALLS)
                figures = [measured["first"], measured["first_processor"], median(measured["calls"])]
                if run:  # the first one fills the machine's caches
                    times[root].append([1000 * seconds for seconds in figures])
    rows = []
    for index, what in enumerate(("first response, ms", "first response, processor, ms", "later, processor, ms")):
        own, built = (median(figures[index] for figures in times[root]) for root in (package, without))
        rows.append(Row(what, own, built, "built by the app"))
    print(format_table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
