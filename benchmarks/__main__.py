"""Compare this service with others, in one run: `make bench`, or `python -m benchmarks [SECTION …]`.

It prints a table in Markdown. Times depend on the machine, ratios hardly. Everything listens on 127.0.0.1 or on
sockets, and is stopped at the end. Packages of the contenders are installed into build/bench once.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import functions, lists, uploads
from benchmarks.environments import lambda_python, python_version
from benchmarks.table import Row, format_table


def main() -> int:
    """Run the sections and print their table. Return 1 if a target isn't reached."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", metavar="section", help="functions, lists or uploads (all)")
    parser.add_argument("--runs", type=int, default=5, help="of each cold start (5)")
    parser.add_argument("--before", type=Path, help="another checkout of this service, to compare with")
    options = parser.parse_args()
    measures: dict[str, Callable[[], list[Row]]] = {
        "functions": lambda: functions.measure(options.runs, options.before),
        "lists": lists.measure,
        "uploads": uploads.measure,
    }
    for name in options.sections:
        if name not in measures:
            parser.error(f"there is no section {name!r}")
    begin = time.monotonic()
    rows: list[Row] = []
    for name in options.sections or measures:
        rows += (found := measures[name]())
        print(format_table(found), flush=True)  # a later section may fail
    print(describe_machine())
    print(format_table(rows))
    print(f"\n{time.monotonic() - begin:.0f} s")
    return 1 if any(row.is_reached is False for row in rows) else 0


def describe_machine() -> str:
    """Return a line about the machine."""
    [model] = {
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    } or {platform.processor()}
    load = os.getloadavg()[0]
    return (
        f"\n{os.cpu_count()} cores, {model}; load at the end {load:.1f}; functions on Python "
        f"{python_version(lambda_python())}, servers on {platform.python_version()}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
