"""The service does what it describes, whatever is sent. `make fuzz` sends other requests than this."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.emulator_process import REPOSITORY, Emulator, start_emulator
from tests.fuzz.run import run_schemathesis
from tests.fuzz.unseen_statuses import UNSEEN

SEED = 1
EXAMPLES = 10
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.mark.slow(30)
@pytest.mark.usefixtures("built_pages")
def test_service_does_what_it_describes(tmp_path: Path) -> None:
    """It has an emulator of its own: it renames and deletes every file that it finds, and the same requests have
    the same responses only where there are no other files."""
    with start_emulator(tmp_path / "data") as emulator:
        run = run_schemathesis(emulator.url, seed=SEED, examples=EXAMPLES, folder=tmp_path)
        assert run.exit_code == 0, run.output
        assert logged_errors(emulator) == []
    description = json.loads((tmp_path / "openapi.json").read_text())
    described = described_statuses(description)
    seen = {(operation, status) for operation, status in described if status in run.statuses[operation]}
    ids = operation_ids(description)
    assert unexplained(described - seen, ids) == []
    assert unneeded(described, seen, ids) == []


def test_tests_that_show_other_statuses_exist() -> None:
    for unseen in UNSEEN:
        if unseen.shown_by is not None:
            path, _, name = unseen.shown_by.partition("::")
            nodes = ast.walk(ast.parse((REPOSITORY / path).read_text()))
            assert name in {node.name for node in nodes if isinstance(node, ast.FunctionDef)}, unseen


def unexplained(unseen: set[tuple[str, int]], ids: dict[str, str]) -> list[str]:
    """Return the operations and statuses that no entry of UNSEEN covers."""
    return sorted(
        f"{operation} {status}"
        for operation, status in unseen
        if not any(entry.covers(ids[operation], status) for entry in UNSEEN)
    )


def unneeded(described: set[tuple[str, int]], seen: set[tuple[str, int]], ids: dict[str, str]) -> list[str]:
    """Return the entries of UNSEEN of operations without this status, and those that "can't be shown" and were.

    One with a test may have been seen, too: what a run sees depends on how fast files are processed.
    """
    return [
        f"{operation_id or 'every operation'} {entry.status}: {entry.reason}"
        for entry in UNSEEN
        for operation_id in entry.operation_ids or [None]
        if not covered(described, ids, entry.status, operation_id)
        or (entry.shown_by is None and covered(seen, ids, entry.status, operation_id))
    ]


def covered(pairs: set[tuple[str, int]], ids: dict[str, str], status: int, operation_id: str | None) -> bool:
    """Return whether the operation, or any if it is None, has the status in `pairs`."""
    return any(each == status and operation_id in {None, ids[operation]} for operation, each in pairs)


def described_statuses(description: dict[str, Any]) -> set[tuple[str, int]]:
    """Return every status of every operation."""
    return {
        (f"{method.upper()} {path}", int(status))
        for path, item in description["paths"].items()
        for method in item.keys() & METHODS
        for status in item[method]["responses"]
    }


def operation_ids(description: dict[str, Any]) -> dict[str, str]:
    """Return the id of every operation."""
    return {
        f"{method.upper()} {path}": item[method]["operationId"]
        for path, item in description["paths"].items()
        for method in item.keys() & METHODS
    }


def logged_errors(emulator: Emulator) -> list[str]:
    """Return the errors that it has logged."""
    lines = [emulator.printed.get() for _ in range(emulator.printed.qsize())]
    return [line for line in lines if '"level":"ERROR"' in line or line.startswith("ERROR")]
