"""The access matrix: each route of the app, with each kind of caller. A new route joins by itself."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import app as chalice_app
from chalicelib.core.accounts.model import Scope
from chalicelib.http.authentication import BROWSER_PREFIX
from tests.integration.access.owned_things import Things
from tests.integration.access.valid_requests import MAY_BE_READ, VALID_REQUESTS, ValidRequest
from tests.integration.access.world import World

OPERATIONS = {
    (method, path): operation
    for path, methods in chalice_app.app.routes.items()
    for method, route in methods.items()
    if (operation := getattr(route.view_function, "operation", None)) is not None
}
"""HEAD is one of the methods wherever GET is."""

CASES, OF_PAGES = (
    [
        pytest.param(operation.operation_id, method, build, id=f"{method} {path} {number}")
        for (method, path), operation in OPERATIONS.items()
        if operation.scope in {Scope.READ, Scope.WRITE} and path.startswith(BROWSER_PREFIX) is is_of_pages
        for number, build in enumerate(VALID_REQUESTS.get(operation.operation_id, ()))
    ]
    for is_of_pages in (False, True)
)
"""The second ones have an upload token in the path."""

OF_ADMINISTRATORS = [
    pytest.param(method, build, id=f"{method} {path} {number}")
    for (method, path), operation in OPERATIONS.items()
    if operation.scope is Scope.ADMIN
    for number, build in enumerate(VALID_REQUESTS.get(operation.operation_id, ()))
]

Build = Callable[[Things], ValidRequest]


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


def test_operations_that_an_upload_token_may_call() -> None:
    """Besides Uppy's, which take it in the path."""
    assert {
        "create_upload",
        "get_upload",
        "get_part_urls",
        "complete_upload",
        "abort_upload",
        "get_usage",
    } == TAKE_UPLOAD_TOKENS


def test_operations_that_a_read_token_may_call() -> None:
    """Another one says so here, so that none is readable only because its method is GET."""
    readable = {op.operation_id for op in OPERATIONS.values() if op.scope is Scope.READ}
    assert readable == MAY_BE_READ


REFUSALS = {
    "nobody": (401, "unauthorized", 0),
    "malformed": (401, "invalid_token", 0),
    "page": (401, "invalid_token", 0),
    "mistyped": (401, "invalid_token", 0),
    "unknown": (401, "invalid_token", 1),
    "expired": (401, "token_expired", 1),
    "revoked": (401, "token_revoked", 1),
    "bob as alice": (403, "forbidden_owner", 1),
    "reader": (403, "insufficient_scope", 1),
}
"""By caller: the status, the error, and the number of statements."""

TAKE_UPLOAD_TOKENS = {operation.operation_id for operation in OPERATIONS.values() if operation.takes_upload_token}
"""Operations for pages, whose header has an upload token: `page` is alice's."""


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
        if caller == "page" and operation_id in TAKE_UPLOAD_TOKENS:
            continue
        response = world.send(caller, method, request)
        found = response.status_code, error_of(response) or error, len(world.statements)
        assert found == (status, error, statements), caller
    assert (world.requests, world.snapshot()) == ([], before)


@pytest.mark.parametrize(("method", "build"), OF_ADMINISTRATORS)
def test_only_administrators_may_administer(world: World, method: str, build: Build) -> None:
    request = build(world.things_of("alice"))
    before = world.snapshot()
    world.requests.clear()
    for caller, (status, error, statements) in {**REFUSALS, "alice": (403, "insufficient_scope", 1)}.items():
        response = world.send(caller, method, request)
        found = response.status_code, error_of(response) or error, len(world.statements)
        assert found == (status, error, statements), caller
    assert (world.requests, world.snapshot()) == ([], before)
    for caller in ("admin", "admin as alice"):
        response = world.send(caller, method, request)
        assert response.status_code == request.status, (caller, response.body)


@pytest.mark.parametrize(("operation_id", "method", "build"), CASES)
def test_the_owner_and_administrators_may(world: World, operation_id: str, method: str, build: Build) -> None:
    callers = ["alice", "admin", "admin as alice", *(["reader"] if operation_id in MAY_BE_READ else [])]
    callers += ["page"] if operation_id in TAKE_UPLOAD_TOKENS else []
    for caller in callers:
        request = build(world.things_of("alice"))
        response = world.send(caller, method, request)
        assert response.status_code == request.status, (caller, response.body)


@pytest.mark.parametrize(("operation_id", "method", "build"), CASES)
@pytest.mark.parametrize("caller", ["bob", "admin as bob", "page of bob"])
def test_another_owners_things_do_not_exist(
    world: World, caller: str, operation_id: str, method: str, build: Build
) -> None:
    if caller == "page of bob" and operation_id not in TAKE_UPLOAD_TOKENS:
        return
    request = build(world.things_of("alice"))
    if request.ids:
        expect_an_unknown_id(world, caller, method, request)
    else:
        expect_no_trace(world, caller, method, request, operation_id)


def expect_no_trace(world: World, caller: str, method: str, request: ValidRequest, operation_id: str) -> None:
    """Check that the response to a read doesn't change when alice gets a file and a token, and that what the
    request creates isn't hers. A list of changes has no owners, and usage is only numbers."""
    first = world.send(caller, method, request)
    alice = world.things_of("alice")
    created = [str(alice.add_file()), str(alice.add_token())]
    world.send("alice", "GET", ValidRequest("/api/changes"))  # which gives them their numbers
    hers = world.rows_of("alice")
    response = world.send(caller, method, request)
    assert response.status_code == request.status, operation_id
    assert not any(text in response.body.decode() for text in ('"alice"', *created))
    assert world.rows_of("alice") == hers
    if operation_id in MAY_BE_READ:
        assert comparable(response, ()) == comparable(first, ())


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


@pytest.mark.parametrize(("operation_id", "method", "build"), OF_PAGES)
def test_an_upload_token_uploads_for_its_owner(world: World, operation_id: str, method: str, build: Build) -> None:
    request = build(world.things_of("alice"))
    before = world.snapshot()
    world.requests.clear()
    for caller, error, statements in (
        ("malformed", "invalid_token", 0),
        ("expired", "token_expired", 0),
        ("revoked", "token_revoked", 1),
    ):
        response = world.send_as_page(caller, method, request)
        found = response.status_code, error_of(response) or error, len(world.statements)
        assert found == (401, error, statements), (caller, operation_id)
    if request.ids:
        response = world.send_as_page("bob", method, request)
        unknown = request.of_unknown_things()
        of_unknown = world.send_as_page("bob", method, unknown)
        assert response.status_code == 404
        assert comparable(of_unknown, unknown.ids) == comparable(response, request.ids)
    assert (world.requests, world.snapshot()) == ([], before)
    assert world.send_as_page("alice", method, request).status_code == request.status


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
