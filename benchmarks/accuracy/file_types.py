"""Measure detected types: on the test files of other detectors, and on the machine's own files against file(1).

The table has, for each corpus, how many files have the type that the corpus or file(1) expects, how many another
one for a reason in `accepted_types.py`, and how many a more or a less exact one. Below it is each type that
contradicts: what is wrong and looks certain.
"""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from benchmarks.accuracy.accepted_types import ACCEPTED
from benchmarks.accuracy.sources import fetch_from_debian, fetch_from_pypi
from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.media_types.names import EMPTY, PLAIN_TEXT, UNKNOWN, essence
from chalicelib.processors.detection.detect import detect

SYSTEM_FOLDERS = ("/usr/share", "/usr/lib/python3", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")

_VAGUE = {PLAIN_TEXT, UNKNOWN, EMPTY}

Labelled = tuple[Path, str]


@dataclass
class Comparison:
    """The counts of one corpus."""

    corpus: str
    files: int = 0
    same: int = 0
    accepted: int = 0
    more_exact: int = 0
    less_exact: int = 0
    contradictions: dict[tuple[str, str], list[Path]] = field(default_factory=dict)

    def add(self, path: Path, expected: str, detected: str) -> None:
        """Count a file."""
        self.files += 1
        if detected == expected:
            self.same += 1
        elif is_accepted(expected, detected):
            self.accepted += 1
        elif detected in _VAGUE:
            self.less_exact += 1
        elif expected in _VAGUE:
            self.more_exact += 1
        else:
            self.contradictions.setdefault((expected, detected), []).append(path)


def is_accepted(expected: str, detected: str) -> bool:
    """Return whether there is a reason why the types differ."""
    return any(fnmatchcase(expected, row.expected) and fnmatchcase(detected, row.detected) for row in ACCEPTED)


def compare(corpus: str, files: Iterator[Labelled]) -> Comparison:
    """Detect the type of each file and compare it with the expected one."""
    comparison = Comparison(corpus)
    for path, expected in files:
        with path.open("rb") as source:
            comparison.add(path, essence(expected), detect(source, path.stat().st_size))
    return comparison


def measure(folders: list[Path]) -> list[Comparison]:
    """Return the comparisons with all corpora that can be had here."""
    comparisons = [
        compare("puremagic's tests", _by_extension(fetch_from_pypi("puremagic==1.30") / "test" / "resources")),
        compare("filetype's tests", _by_extension(fetch_from_pypi("filetype==1.2.0") / "tests" / "fixtures")),
        *(compare(str(folder), _by_table(folder)) for folder in folders),
    ]
    if (mime_info := fetch_from_debian("shared-mime-info")) is not None:
        tests = mime_info / "tests" / "mime-detection"
        comparisons.append(compare("shared-mime-info's tests", _by_list(tests)))
    if shutil.which("file") is None:
        print("file(1) is missing: the machine's own files are not compared")
    else:
        comparisons += [
            compare(f"file(1): {root}", _by_file(root)) for root in SYSTEM_FOLDERS if Path(root).is_dir()
        ]
    return comparisons


def print_table(comparisons: list[Comparison]) -> None:
    """Print the counts, and below each type that contradicts with an example."""
    print(f"{'corpus':34} {'files':>6} {'same':>6} {'accepted':>9} {'more':>6} {'less':>6} {'wrong':>6}")
    for one in comparisons:
        wrong = sum(map(len, one.contradictions.values()))
        counts = f"{one.files:6} {one.same:6} {one.accepted:9} {one.more_exact:6} {one.less_exact:6} {wrong:6}"
        print(f"{one.corpus:34} {counts}")
    for one in comparisons:
        for (expected, detected), paths in sorted(one.contradictions.items(), key=lambda item: -len(item[1])):
            print(f"{one.corpus}: {len(paths)} {expected} -> {detected}: {paths[0]}")


def _by_extension(folder: Path) -> Iterator[Labelled]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (expected := type_of_extension(path.name)) is not None:
            yield path, expected


def _by_table(folder: Path) -> Iterator[Labelled]:
    for line in (folder / "types.tsv").read_text().splitlines():
        name, expected = line.split("\t")
        yield folder / name, expected


def _by_list(folder: Path) -> Iterator[Labelled]:
    """Read shared-mime-info's list: a name, a type, and up to three flags, of which the second is `x` where the
    content alone isn't enough."""
    for line in (folder / "list").read_text().splitlines():
        name, *rest = line.split() or [""]
        if rest and not name.startswith("#") and (folder / name).is_file():
            flags = rest[1] if len(rest) > 1 else ""
            if flags[1:2] != "x":
                yield folder / name, rest[0]


def _by_file(root: str) -> Iterator[Labelled]:
    paths = [path for path in sorted(Path(root).rglob("*")) if path.is_file() and not path.is_symlink()]
    command = ["file", "--mime-type", "--brief", "--files-from", "-"]
    listed = subprocess.run(command, input="\n".join(map(str, paths)), capture_output=True, text=True, check=True)
    yield from zip(paths, listed.stdout.splitlines(), strict=True)
