"""Statuses that statements name are those of the code."""

import re
from pathlib import Path

import pytest

from chalicelib.core.files.statuses import Status

PACKAGE = Path(__file__).parents[2] / "chalicelib" / "adapters" / "postgres"

COMPARISON = re.compile(
    r"""\bstatus"?\s*  # the column, or the key of an assignment
    (?:=|<>|:|(?:NOT\s+)?IN\b|IS\s+(?:NOT\s+)?DISTINCT\s+FROM)\s*
    (\([^)]*\)|"?'[^']*')""",
    re.VERBOSE,
)


def statuses_in(source: str) -> set[str]:
    """Return what the column `status` is compared with, or set to."""
    return {status for literals in COMPARISON.findall(source) for status in re.findall(r"'([^']*)'", literals)}


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_statements_name_statuses_that_exist(path: Path) -> None:
    assert statuses_in(path.read_text()) <= set(Status)


def test_the_test_finds_statuses() -> None:
    assert statuses_in("files.status = 'a' AND status <> 'b' OR status NOT IN ('c', 'd')") == set("abcd")
    assert statuses_in("""{"status": "'a'", "x": "'b'"} status IS DISTINCT FROM 'c' AND y = 'd'""") == set("ac")
    assert {"processed", "processing"} <= statuses_in((PACKAGE / "conditions.py").read_text())
