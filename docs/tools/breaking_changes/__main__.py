"""Report the changes of the API that break clients of its previous version.

    python -m docs.tools.breaking_changes [--base COMMIT]
    python -m docs.tools.breaking_changes OLD NEW

The first form compares docs/reference/openapi.json with that of a commit, the second one compares two files. One
line is printed for each change; new operations, parameters, fields and codes break nothing and aren't printed. The
exit status is 1 if a change is breaking and the version of the API isn't a new major one (before 1.0: minor).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from docs.tools.breaking_changes.changes import Change, Severity
from docs.tools.breaking_changes.compare_documents import compare_documents

DESCRIPTION = "docs/reference/openapi.json"
PROJECT = Path(__file__).parents[3]
MAX_NAMED_OPERATIONS = 3


def main(arguments: list[str]) -> int:
    """Print the report; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="docs.tools.breaking_changes", description="Report changes of the API that break existing clients."
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="the old description and the new one")
    parser.add_argument(
        "--base", default="HEAD", help="compare with this commit, or where this branch left it (HEAD)"
    )
    options = parser.parse_args(arguments)
    if len(options.files) not in {0, 2}:
        parser.error("name two files, or none")
    if options.files:
        old, new = (json.loads(file.read_text()) for file in options.files)
    else:
        old = read_description(options.base)
        new = json.loads((PROJECT / DESCRIPTION).read_text())
    if old is None:
        print(f"{options.base} has no {DESCRIPTION}")
        return 0
    lines = report(old, new)
    breaking = sum(line.startswith(Severity.BREAKING) for line in lines)
    print("\n".join([*lines, f"breaking changes: {breaking}, warnings: {len(lines) - breaking}"]))
    return 1 if breaking and compatible_versions(old) == compatible_versions(new) else 0


def compatible_versions(description: Any) -> tuple[str, ...]:
    """Return the part of the version that grows if clients break: `1` of 1.2.3, `0.1` of 0.1.2. https://semver.org"""
    major, minor, *_ = description["info"]["version"].split(".")
    return (major, minor) if major == "0" else (major,)


def read_description(commit: str) -> Any:
    """Return the description of a commit, or None if it has none. Raises SystemExit if there is no such commit.

    Of a branch that has moved on since this one left it, it is that of the last commit that both have: what was
    added later isn't missing here.
    """
    if run_git("rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}").returncode:
        raise SystemExit(f"no such commit: {commit}")
    common = run_git("merge-base", commit, "HEAD").stdout.decode().strip()
    shown = run_git("show", f"{common or commit}:{DESCRIPTION}")
    return json.loads(shown.stdout) if shown.returncode == 0 else None


def run_git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, check=False)  # noqa: S607


def report(old: Any, new: Any) -> list[str]:
    """Return a line for each change, the breaking ones first. What several operations share is one line."""
    operations: dict[Change, list[str]] = {}
    for operation, change in compare_documents(old, new):
        found = operations.setdefault(change, [])
        if operation not in found:
            found.append(operation)
    by_severity = sorted(operations, key=lambda change: change.severity is not Severity.BREAKING)
    return [
        f"{change.severity}: {change.place}: {change.what} ({_name(operations[change])})" for change in by_severity
    ]


def _name(operations: list[str]) -> str:
    named, others = operations[:MAX_NAMED_OPERATIONS], len(operations) - MAX_NAMED_OPERATIONS
    return ", ".join(named) + (f" and {others} more" if others > 0 else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
