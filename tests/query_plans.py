"""The plans of the statements that the service runs: what PostgreSQL reads for them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from chalicelib.adapters.postgres.database import Database
from tests.database_access import observe_statements

Plan = dict[str, Any]
"""A node of a plan, with what it took to run it. The nodes below it are in `Plans`."""

T = TypeVar("T")

_DROPPED = ("Rows Removed by Filter", "Rows Removed by Index Recheck")


def explain(database: Database, call: Callable[[], T]) -> tuple[T, Plan]:
    """Return what the call returns, and the plan of its one statement."""
    statements: list[tuple[str, Mapping[str, Any]]] = []
    with observe_statements(database, lambda *statement: statements.append(statement)):
        returned = call()
    [(statement, parameters)] = statements
    [[[explained]]] = database.read(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", parameters)
    return returned, explained["Plan"]


def all_nodes(plan: Plan) -> Iterator[Plan]:
    """Yield the nodes of a plan."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from all_nodes(inner)


def scans_of_files(plan: Plan) -> Iterator[Plan]:
    """Yield the nodes of a plan that read files, and were run."""
    for node in all_nodes(plan):
        if node.get("Relation Name") == "files" and node["Actual Loops"]:
            yield node


def rows_read(plan: Plan) -> int:
    """Return how many rows were read in the table: those that a node returns or drops."""
    return sum(_rows_of(node) for node in scans_of_files(plan) if node["Node Type"] != "Index Only Scan")


def index_entries_read(plan: Plan) -> int:
    """Return how many entries were read in indexes that have all that the statement needs, so without the rows."""
    return sum(_rows_of(node) for node in scans_of_files(plan) if node["Node Type"] == "Index Only Scan")


def _rows_of(node: Plan) -> int:
    rows: float = node["Actual Loops"] * (node["Actual Rows"] + sum(node.get(each, 0) for each in _DROPPED))
    return round(rows)
