"""What describing a file costs, by kind and size.

    .venv/bin/python -m benchmarks.describing [kind …]

For each kind and for 1 MiB, 100 MiB and 1 GiB it prints the bytes fetched, the requests, the peak memory of a
process that does nothing else (with the child that PDF and media are read in), and the seconds. Linux only. The files are made
as they are read and the storage answers at once, so the seconds are those of reading and thinking, without the
network.
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

from chalicelib.core.errors import BadContentError
from chalicelib.core.object_reader import open_object
from chalicelib.processors.registry import describe
from tests.sparse import SparseStorage
from tests.unit.processors.large import KINDS

MEBIBYTE = 1024 * 1024
SIZES = (1, 100, 1024)
"""MiB."""


def main() -> int:
    options = _options()
    if options.size:
        return _one(options.kinds[0], options.size)
    print(f"{'kind':8} {'size':>9} {'fetched':>11} {'requests':>8} {'memory':>8} {'seconds':>8}")
    failed = 0
    for kind in options.kinds or KINDS:
        for size in SIZES:
            # Peak memory is a process's, so each gets one of its own.
            command = [sys.executable, "-m", "benchmarks.describing", kind, "--size", str(size)]
            failed += subprocess.run(command, check=False).returncode != 0
    return 1 if failed else 0


def _one(kind: str, size: int) -> int:
    file = KINDS[kind](size * MEBIBYTE)
    storage = SparseStorage(file)
    # Begin the peak anew, so that making the file doesn't count. proc(5), /proc/pid/clear_refs
    Path("/proc/self/clear_refs").write_text("5")
    begin = time.perf_counter()
    try:
        with open_object(storage, "k", file.size) as source:  # type: ignore[arg-type]  # only what reading needs
            describe(source, file.size)
    except BadContentError as fault:
        print(f"{kind:8} {size:5} MiB {fault}")
        return 1
    seconds = time.perf_counter() - begin
    fetched = storage.fetched / 1024
    print(
        f"{kind:8} {size:5} MiB {fetched:7.0f} KiB {storage.requests:8} {_peak():4} MiB {seconds:8.2f}", flush=True
    )
    return 0


def _peak() -> int:
    """Return the most memory that this process and its largest child together may have held, in MiB."""
    status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (int(status["VmHWM"].split()[0]) + child) // 1024


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=f"of {', '.join(KINDS)}; all if none is named")
    parser.add_argument("--size", type=int, help="MiB; of one kind only, in this process")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
