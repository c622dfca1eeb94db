"""Measure what analyzing a file costs, by kind and size. Linux only.

    .venv/bin/python -m benchmarks.processing_cost [kind …]

For each kind and for 1 MiB, 100 MiB and 1 GiB it prints the bytes fetched, the requests, the peak memory of a
process that does nothing else, together with its sandboxed child, and the seconds. The files are generated as they
are read and the storage responds at once: the seconds are without the network.
"""

import argparse
import pickle
import resource
import subprocess
import sys
import time
from pathlib import Path

from chalicelib.core.errors import BadContentError
from chalicelib.processors.registry import analyze
from chalicelib.processors.sandbox.parent import SERVER
from tests.sparse import Sparse, SparseStorage

MEBIBYTE = 1024 * 1024
SIZES = (1, 100, 1024)
"""MiB."""


def main() -> int:
    from tests.processors.sparse_files import KINDS  # making the files takes more memory than analyzing them

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=f"of {', '.join(KINDS)}; all if none is named")
    kinds = parser.parse_args().kinds or list(KINDS)
    print(f"{'kind':8} {'size':>9} {'fetched':>11} {'requests':>8} {'memory':>8} {'seconds':>8}")
    failed = 0
    for kind in kinds:
        for size in SIZES:
            file = pickle.dumps(KINDS[kind](size * MEBIBYTE))
            print(f"{kind:8} {size:5} MiB", end=" ", flush=True)
            # Peak memory is a process's, so each file gets one of its own.
            command = [sys.executable, "-c", "from benchmarks.processing_cost import measure; measure()"]
            failed += subprocess.run(command, input=file, check=False).returncode != 0
    return 1 if failed else 0


def measure() -> None:
    """Analyze the file on standard input and print what it cost."""
    file: Sparse = pickle.load(sys.stdin.buffer)  # noqa: S301  # nosec B301  # written by this program
    storage = SparseStorage(file)
    begin = time.perf_counter()
    try:
        with storage.open() as source:
            analyze(source, file.size)
    except BadContentError as error:
        sys.exit(str(error))
    seconds = time.perf_counter() - begin
    SERVER.stop()
    print(f"{storage.fetched / 1024:7.0f} KiB {storage.requests:8} {_peak():4} MiB {seconds:8.2f}")


def _peak() -> int:
    """Return the most memory that this process and its largest child together may have held, in MiB.

    A process's getrusage starts from its parent's peak; VmHWM doesn't.
    """
    status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (int(status["VmHWM"].split()[0]) + child) // 1024


if __name__ == "__main__":
    sys.exit(main())
