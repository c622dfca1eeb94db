"""The access matrix: each route of the app, with each kind of caller. A new route joins by itself."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from chalice.test import Client
from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Table,
    Text,
    cast,
    event,
    func,
    literal,
    literal_column,
    make_url,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

import app as chalice_app
from chalicelib import container
from chalicelib.adapters.postgres.tables import metadata
from chalicelib.core.accounts.api_tokens import generate_token
from chalicelib.core.accounts.model import AllOwners, Scope
from chalicelib.http.authentication import BROWSER_PREFIX
from emulator.postgres import APP_ROLE
from tests.conftest import empty_database
from tests.integration.access.owned_things import Things
from tests.integration.access.valid_requests import MAY_BE_READ, VALID_REQUESTS, ValidRequest

OPERATIONS = {
    (method, path): operation
    for path, methods in chalice_app.app.routes.items()
    for method, route in methods.items()
    if (operation := getattr(route.view_function, "operation", None)) is not None
}
"""HEAD is one of the methods wherever GET is."""

CASES = [
    pytest.param(operation.operation_id, method, build, id=f"{method} {path} {number}")
    for (method, path), operation in OPERATIONS.items()
    if operation.scope is not None and not path.startswith(BROWSER_PREFIX)
    for number, build in enumerate(VALID_REQUESTS.get(operation.operation_id, ()))
]

UPPY_CASES = [case for case in CASES if " /s3/" in str(case.id)]
"""The same operations are below `/u/{upload_token}`."""

Build = Callable[[Things], ValidRequest]


@dataclass
class World:
    """The app with `AUTH=required`, and tokens of two owners and an administrator."""

    http: Any
    s3: Any
    bucket: str
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """By caller."""
    prefixes: dict[str, str] = field(default_factory=dict)
    """By caller that has an upload token: what precedes the path."""
    statements: list[tuple[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Sent to S3."""

    def things_of(self, owner: str) -> Things:
        return Things(owner, self.s3, self.bucket)

    def send(self, caller: str, method: str, request: ValidRequest) -> Any:
        """Return the response. The statements are those of this call."""
        self.statements.clear()
        headers = {**request.headers, **self.headers.get(caller, {})}
        path = self.prefixes.get(caller, "") + request.path
        return self.http.request(method, path, headers=headers, body=request.body)

    def snapshot(self) -> dict[str, str]:
        """Return a digest of each table's rows, without the time of a token's last use."""
        digests = [_digest(table).label(table.name) for table in metadata.sorted_tables]
        with container.database().engine.connect() as connection:
            return dict(connection.execute(select(*digests)).one()._mapping)

    def rows_of(self, owner: str) -> list[str]:
        """Return all rows of the owner, without the time of a token's last use."""
        found: list[str] = []
        with container.database().engine.connect() as connection:
            for table in metadata.sorted_tables:
                if "owner" in table.c:
                    found += connection.execute(
                        select(_as_text(table)).select_from(table).where(table.c.owner == owner)
                    ).scalars()
        return sorted(found)


def _digest(table: Table) -> ScalarSelect[str]:
    rows = select(_as_text(table).label("row")).select_from(table).subquery()
    ordered = aggregate_order_by(literal("|", Text), rows.c.row)
    return select(func.md5(func.string_agg(rows.c.row, ordered))).scalar_subquery()


def _as_text(table: Table) -> ColumnElement[str]:
    """Return the expression of a row of the table as text, without the time of a token's last use."""
    row = func.to_jsonb(literal_column(table.name), type_=JSONB)
    return cast(row.op("-")(literal("last_used_at", Text)), Text)


@pytest.fixture(scope="module")
def world(postgres_url: str, template_database: str, ministack_url: str) -> Iterator[World]:
    """One database and one bucket for the whole matrix: each case adds what it needs."""
    bucket = f"bucket-{uuid4().hex}"
    s3 = boto3.client("s3", endpoint_url=ministack_url)
    s3.create_bucket(Bucket=bucket)
    with empty_database(postgres_url, template_database) as url, pytest.MonkeyPatch.context() as patch:
        app_url = make_url(url).set(username=APP_ROLE).render_as_string(hide_password=False)
        for name, value in {
            "DATABASE_URL": app_url,
            "AWS_ENDPOINT_URL": ministack_url,
            "BUCKET": bucket,
            "AUTH": "required",
            "UPLOAD_TOKEN_SECRET": "s" * 32,
        }.items():
            patch.setenv(name, value)
        container.reset()
        with Client(chalice_app.app) as client:
            world = World(client.http, s3, bucket)
            _issue_tokens(world)
            _observe(world)
            yield world
        container.reset()


def _issue_tokens(world: World) -> None:
    alice, bob, admin = (world.things_of(name) for name in ("alice", "bob", "operations"))
    revoked_id, revoked = alice.issue(Scope.WRITE)
    container.tokens().revoke(AllOwners.ALL, revoked_id)
    admin_headers = _bearer(admin.issue(Scope.ADMIN)[1])
    world.headers |= {
        "nobody": {},
        "malformed": _bearer("flt_x"),
        "mistyped": _bearer(generate_token()[:-1] + "!"),
        "unknown": _bearer(generate_token()),
        "expired": _bearer(alice.issue(Scope.WRITE, expires_in=timedelta(seconds=-1))[1]),
        "revoked": _bearer(revoked),
        "reader": _bearer(alice.issue(Scope.READ)[1]),
        "alice": _bearer(alice.issue(Scope.WRITE)[1]),
        "bob": _bearer(bob.issue(Scope.WRITE)[1]),
        "bob as alice": _bearer(bob.issue(Scope.WRITE)[1]) | {"X-Owner": "alice"},
        "admin": admin_headers,
        "admin as alice": admin_headers | {"X-Owner": "alice"},
        "admin as bob": admin_headers | {"X-Owner": "bob"},
    }
    leaked_id, leaked = alice.issue(Scope.WRITE)
    world.headers["leaked"] = _bearer(leaked)
    for caller in ("alice", "bob", "admin as alice", "leaked"):
        created = world.send(caller, "POST", ValidRequest("/api/upload-tokens"))
        world.prefixes[f"page of {caller}"] = json.loads(created.body)["path"]
    container.tokens().revoke(AllOwners.ALL, leaked_id)
    world.prefixes["page that invents a token"] = f"/u/{leaked}"
    for caller in world.headers:  # a token's first use is written, and SQLAlchemy asks a new server a few things
        world.send(caller, "GET", ValidRequest("/api/files"))


def _observe(world: World) -> None:
    @event.listens_for(container.database().engine, "before_cursor_execute")
    def count_statement(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        world.statements.append((statement, parameters))

    def count_request(request: Any, **_: Any) -> None:
        world.requests.append(f"{request.method} {request.url}")

    for client in (container.storage()._client, container.storage()._probe):
        client.meta.events.register("before-send.s3", count_request)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def error_of(response: Any) -> str | None:
    return json.loads(response.body)["error"] if response.body else None


def comparable(response: Any, ids: Any) -> tuple[int, str, dict[str, str]]:
    """Return the response without what differs between any two requests."""
    content = response.body.decode()
    for each in ids:
        content = content.replace(each, "ID")
    content = re.sub(r'"requestId": ?"[^"]*"', '"requestId"', content)
    return response.status_code, content, dict(response.headers)


def test_each_operation_has_a_valid_request() -> None:
    protected = {operation.operation_id for operation in OPERATIONS.values() if operation.scope is not None}
    assert protected == VALID_REQUESTS.keys()


def test_operations_that_a_read_token_may_call() -> None:
    """Another one says so here, so that none is readable only because its method is GET."""
    readable = {op.operation_id for op in OPERATIONS.values() if op.scope is Scope.READ}
    assert readable == MAY_BE_READ


REFUSALS = {
    "nobody": (401, "unauthorized", 0),
    "malformed": (401, "invalid_token", 0),
    "mistyped": (401, "invalid_token", 0),
    "unknown": (401, "invalid_token", 1),
    "expired": (401, "token_expired", 1),
    "revoked": (401, "token_revoked", 1),
    "bob as alice": (403, "forbidden_owner", 1),
    "reader": (403, "insufficient_scope", 1),
}
"""By caller: the status, the error, and the number of statements."""


@pytest.mark.parametrize(("operation_id", "method", "build"), CASES)
def test_who_may_not_is_refused_and_nothing_happens(
    world: World, operation_id: str, method: str, build: Build
) -> None:
    request = build(world.things_of("alice"))
    before = world.snapshot()
    world.requests.clear()
    for caller, (status, error, statements) in REFUSALS.items():
        if caller == "reader" and operation_id in MAY_BE_READ:
            continue
        response = world.send(caller, method, request)
        found = response.status_code, error_of(response) or error, len(world.statements)
        assert found == (status, error, statements), caller
    assert (world.requests, world.snapshot()) == ([], before)


@pytest.mark.parametrize(("operation_id", "method", "build"), CASES)
def test_the_owner_and_administrators_may(world: World, operation_id: str, method: str, build: Build) -> None:
    callers = ["alice", "admin", "admin as alice", *(["reader"] if operation_id in MAY_BE_READ else [])]
    for caller in callers:
        request = build(world.things_of("alice"))
        response = world.send(caller, method, request)
        assert response.status_code == request.status, (caller, response.body)


@pytest.mark.parametrize(("operation_id", "method", "build"), CASES)
@pytest.mark.parametrize("caller", ["bob", "admin as bob"])
def test_another_owners_things_do_not_exist(
    world: World, caller: str, operation_id: str, method: str, build: Build
) -> None:
    request = build(world.things_of("alice"))
    if request.ids:
        expect_an_unknown_id(world, caller, method, request)
    else:
        hers = world.rows_of("alice")
        response = world.send(caller, method, request)
        assert response.status_code == request.status, operation_id
        assert '"alice"' not in response.body.decode()
        assert world.rows_of("alice") == hers


def expect_an_unknown_id(world: World, caller: str, method: str, request: ValidRequest) -> None:
    """Check that the response is that of an unknown id, after the same statements, and that nothing happens."""
    before = world.snapshot()
    world.requests.clear()
    response = world.send(caller, method, request)
    statements = [statement for statement, _ in world.statements]
    assert (response.status_code, error_of(response) or "not_found") == (404, "not_found")
    assert all("bob" in parameters.values() for _, parameters in world.statements[1:])
    unknown = request.of_unknown_things()
    of_unknown = world.send(caller, method, unknown)
    assert comparable(of_unknown, unknown.ids) == comparable(response, request.ids)
    assert [statement for statement, _ in world.statements] == statements
    assert (world.requests, world.snapshot()) == ([], before)


@pytest.mark.parametrize(("operation_id", "method", "build"), UPPY_CASES)
def test_an_upload_token_is_for_its_owners_uploads(
    world: World, operation_id: str, method: str, build: Build
) -> None:
    request = build(world.things_of("alice"))
    for caller, error in (("page of leaked", "token_revoked"), ("page that invents a token", "invalid_token")):
        response = world.send(caller, method, request)
        assert (response.status_code, error_of(response) or error) == (401, error), caller
    test_another_owners_things_do_not_exist(world, "page of bob", operation_id, method, build)
    for caller in ("page of alice", "page of admin as alice"):
        request = build(world.things_of("alice"))
        response = world.send(caller, method, request)
        assert response.status_code == request.status, (caller, response.body)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_public_routes_say_nothing_of_owners(world: World, method: str) -> None:
    world.things_of("somebody").add_file()
    for (_, path), operation in OPERATIONS.items():
        if operation.scope is None:
            response = world.send("nobody", method, ValidRequest(path.replace("{name}", "x")))
            assert "somebody" not in response.body.decode(errors="replace")


def test_the_snapshot_sees_a_change(world: World) -> None:
    before = world.snapshot()
    assert world.snapshot() == before
    world.things_of("alice").add_file()
    after = world.snapshot()
    assert {name for name in before if before[name] != after[name]} >= {"files", "history", "usage"}
