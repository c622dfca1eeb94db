"""Every statement of a route names the owners whose rows it reads and changes, unless it may see all of them."""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol, cast
from uuid import UUID

import pytest

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.files import PostgresFiles
from chalicelib.adapters.postgres.history import PostgresHistory
from chalicelib.adapters.postgres.search_statistics import READ as READ_STATISTICS
from chalicelib.adapters.postgres.tokens import PostgresTokens
from chalicelib.adapters.postgres.uploads import PostgresUploads
from chalicelib.adapters.postgres.usage import PostgresUsageCounts
from chalicelib.core.accounts.model import AllOwners, NewToken, Owners, Scope
from chalicelib.core.accounts.ports import Tokens
from chalicelib.core.changes.history import History
from chalicelib.core.files.file_list import ListQuery, Order, Position
from chalicelib.core.files.ports import Files, NewName
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import Quotas
from chalicelib.core.limits.ports import UsageCounts
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import IdempotentRequest, Uploads
from tests.samples import new_file

HTTP = Path(__file__).parents[2] / "chalicelib" / "http"

OWNER = "the owner"
ID = UUID(int=7)
MINUTE = timedelta(minutes=1)
UPLOAD = MultipartRef("uploads/key", "u-1")
NEW = new_file(owner=OWNER)
REQUEST = IdempotentRequest("key", "digest")
QUOTAS = Quotas(max_files=9)
TOKEN = NewToken(id=ID, digest=b"", name="laptop", owner=OWNER, scopes=frozenset({Scope.READ}))

OWNED_PORTS = {
    "files": Files,
    "history": History,
    "tokens": Tokens,
    "uploads": Uploads,
    "usage_counts": UsageCounts,
}
"""The ports that routes reach owners' rows by, by their function of the container."""

OTHER_PORTS = {
    "build_processor_catalog",
    "completion",  # of the ports above, for a file that a route has found
    "direct_upload_bytes",
    "file_counts",  # for administrators alone, as are those of all that is outdated and of sweeps
    "health_check",
    "jwt_verifier",
    "limits",
    "long_polls",  # its rows have no owner
    "metrics",
    "owner_limits",
    "public_storage",
    "reprocess_queue",
    "request_limits",
    "request_rates",  # counts the requests of the caller
    "settings",
    "sign_in",  # the same for everybody
    "sweep_records",
    "storage",  # what a key's owner may do with it, the row of its file says
    "tombstones",  # `clear` takes the key that a deletion has returned
    "upload_limits",
    "upload_token_signer",
}

LISTS = [
    ListQuery(),
    ListQuery(order=Order.NAME, after=Position(Order.NAME, "a", ID), status=Status.FAILED, type="image/*"),
    ListQuery(order=Order.SIZE_DESCENDING, mismatch=True, name_contains="x", metadata={"order": "7"}),
    ListQuery(order=Order.OLDEST, mismatch=False, type="text/csv"),
    ListQuery(text="report"),
]

Call = Callable[[Any, Any], object]
"""Calls a port's method for an owner."""


def list_files(query: ListQuery) -> Call:
    return lambda files, owners: files.list(owners, query)


CALLS: dict[type, dict[str, Sequence[Call]]] = {
    PostgresFiles: {
        "add": [lambda files, _: files.add(NEW, MINUTE)],
        "mark_uploaded": [lambda files, owner: files.mark_uploaded(owner, ID, "etag")],
        "get": [lambda files, owners: files.get(owners, ID)],
        "list": [list_files(query) for query in LISTS],
        "update": [
            lambda files, owners: files.update(owners, ID, name=NewName("b", mismatch=False, version=1)),
            lambda files, owners: files.update(owners, ID, metadata={}),
        ],
        "requeue": [lambda files, owners: files.requeue(owners, ID)],
        "delete_leaving_tombstone": [lambda files, owners: files.delete_leaving_tombstone(owners, ID)],
    },
    PostgresUploads: {
        "add": [
            lambda uploads, _: uploads.add(NEW, MINUTE),
            lambda uploads, _: uploads.add(NEW, MINUTE, MINUTE, REQUEST),
            lambda uploads, _: uploads.add(NEW, MINUTE, MINUTE, REQUEST, QUOTAS),
        ],
        "delete": [lambda uploads, owners: uploads.delete(owners, ID)],
        "find": [lambda uploads, owners: uploads.find(owners, UPLOAD)],
        "bind": [lambda uploads, owners: uploads.bind(owners, UPLOAD)],
    },
    PostgresHistory: {
        "timeline": [lambda history, owners: history.timeline(owners, ID, 9)],
        "changes": [lambda history, owner: history.changes(owner, 0, 9)],
        "newest_changes": [lambda history, owner: history.newest_changes(owner, 0, 9)],
    },
    PostgresUsageCounts: {
        "get": [lambda usage_counts, owner: usage_counts.get(owner)],
        "list": [],  # for administrators alone: it lists owners
    },
    PostgresTokens: {
        "add": [lambda tokens, _: tokens.add(TOKEN, None)],
        "use": [],  # a digest, or an id that was signed, says who the owner is
        "list": [lambda tokens, owners: tokens.list(owners, 9, None)],
        "revoke": [lambda tokens, owners: tokens.revoke(owners, ID)],
    },
}

OWNED_TABLES = ("files", "tombstones", "history", "tokens", "usage")

OF_OWNED_ROWS = {
    "files": r"files\.id = tombstones\.file_id",
    "history": r"history\.id = unnumbered\.id",
}
"""Conditions by which a statement finds a row that belongs to one that it has found by its owner."""


class RecordingDatabase:
    """Keeps the statements, and returns no rows."""

    def __init__(self) -> None:
        self.statements: list[SimpleNamespace] = []

    def fetch_all(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        if statement == READ_STATISTICS:
            return []  # they are of all owners' files, and stay in the process
        self.statements.append(SimpleNamespace(text=statement, parameters=parameters))
        return []

    read = fetch_all

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> int:
        return len(self.fetch_all(statement, parameters))


def statements_of(adapter: type, call: Call, owners: Owners) -> list[SimpleNamespace]:
    """Return the text and the parameters of each statement of the call."""
    database = RecordingDatabase()
    with suppress(IndexError):  # the call expects a row
        call(adapter(cast("Database", database)), owners)
    return database.statements


def unowned_tables(statement: SimpleNamespace) -> set[str]:
    """Return the tables that the statement reads, updates or deletes from without a condition on their owner, or
    inserts into without an owner."""
    owners = {f"%({name})s" for name, value in statement.parameters.items() if value == OWNER}
    unowned = set()
    for table in OWNED_TABLES:
        occurrences = re.findall(rf"\b(?:FROM|JOIN|UPDATE|USING) {table}\b", statement.text)
        conditions = [
            name for name in re.findall(rf"\b{table}\.owner = (\S+?\)s)", statement.text) if name in owners
        ]
        of_owned_rows = re.findall(OF_OWNED_ROWS.get(table, "none"), statement.text)
        inserts = re.findall(rf"INSERT INTO {table}\b([^)]*\)?)", statement.text)
        if len(occurrences) > len(conditions) + len(of_owned_rows) or not all(
            re.search(r"\bowner\b", columns) for columns in inserts
        ):
            unowned.add(table)
    return unowned


CASES = [
    pytest.param(adapter, call, id=f"{adapter.__name__}.{method}")
    for adapter, methods in CALLS.items()
    for method, calls in methods.items()
    for call in calls
]


@pytest.mark.parametrize(("adapter", "call"), CASES)
def test_a_statement_names_the_owner(adapter: type, call: Call) -> None:
    statements = statements_of(adapter, call, OWNER)
    assert statements
    for statement in statements:
        assert OWNER in statement.parameters.values()
        assert not unowned_tables(statement)


@pytest.mark.parametrize(("adapter", "call"), CASES)
def test_the_test_finds_a_statement_of_all_owners(adapter: type, call: Call) -> None:
    takes_owners = "owners" in inspect.signature(call).parameters
    if takes_owners:
        assert any(unowned_tables(each) for each in statements_of(adapter, call, AllOwners.ALL))


@pytest.mark.parametrize("port", OWNED_PORTS.values())
def test_every_method_of_a_port_is_called(port: type[Protocol]) -> None:  # type: ignore[valid-type]
    methods = {name for name, _ in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")}
    (adapter,) = [each for each in CALLS if each.__name__ == f"Postgres{port.__name__}"]
    assert CALLS[adapter].keys() == methods


def test_routes_use_no_other_ports() -> None:
    sources = [path.read_text() for path in HTTP.rglob("*.py")]
    used = {name for source in sources for name in re.findall(r"\bcontainer\.([a-z_]+)\(", source)}
    assert used <= OWNED_PORTS.keys() | OTHER_PORTS
