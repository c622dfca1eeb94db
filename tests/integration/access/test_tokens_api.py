"""`/api/tokens` and `/api/me`: who may create, see and revoke which tokens."""

import json
from typing import Any

import pytest

from chalicelib import container
from chalicelib.core.accounts.api_tokens import is_api_token
from chalicelib.core.accounts.model import AllOwners, Scope
from tests.integration.access.conftest import Bearer, IssueToken
from tests.integration.conftest import Service
from tests.integration.costs import count_costs

UNKNOWN_ID = "01930000-0000-7000-8000-000000000000"


def call(
    service: Service, method: str, path: str, bearer: Bearer | None = None, body: Any = None, **headers: str
) -> tuple[int, Any]:
    """Return the status and the JSON of a response, None where it has no body."""
    sent = {**(bearer.headers if bearer else {}), "Content-Type": "application/json", **headers}
    response = service.http.request(method, path, headers=sent, body=json.dumps(body).encode() if body else b"")
    return response.status_code, json.loads(response.body) if response.body else None


def create(service: Service, bearer: Bearer, **fields: Any) -> tuple[int, Any]:
    return call(service, "POST", "/api/tokens", bearer, {"name": "laptop", **fields})


def audit_entries(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if hasattr(record, "audit")]


def test_a_created_token_works_and_is_shown_once(
    protected: Service, issue_token: IssueToken, caplog: pytest.LogCaptureFixture
) -> None:
    alice = issue_token("alice")
    response = protected.http.post(
        "/api/tokens",
        headers={**alice.headers, "Content-Type": "application/json"},
        body=b'{"name": "CI of \\"web\\"", "expires_in": 3600}',
    )
    assert (response.status_code, response.headers["Cache-Control"]) == (201, "no-store")
    created = json.loads(response.body)
    token = created.pop("token")
    assert is_api_token(token)
    assert (created["name"], created["owner"], created["scopes"]) == ('CI of "web"', "alice", ["write"])
    assert (created["last_used_at"], created["revoked_at"]) == (None, None)
    status, listed = call(protected, "GET", "/api/tokens", Bearer(token, created["id"], "alice"))
    assert status == 200
    assert [each["id"] for each in listed] == [created["id"], alice.id]
    assert {**listed[0], "last_used_at": None} == created
    assert token not in json.dumps(listed)
    [entry] = audit_entries(caplog)
    expected = {"audit": "token_created", "owner": "alice", "actor": "alice", "token_id": created["id"]}
    assert entry.items() >= {**expected, "actor_token_id": alice.id}.items()
    assert token not in caplog.text


def test_creating_listing_and_revoking_is_one_statement_each(protected: Service, issue_token: IssueToken) -> None:
    alice = issue_token("alice")
    with count_costs() as costs:
        _, created = create(protected, alice)
        assert costs.take() == (2, 0)  # one of them finds the request's token
        call(protected, "GET", "/api/tokens", alice)
        assert costs.take() == (2, 0)
        call(protected, "DELETE", f"/api/tokens/{created['id']}", alice)
        assert costs.take() == (2, 0)
        call(protected, "GET", "/api/me", alice)
        assert costs.take() == (1, 0)


def test_nobody_grants_more_than_the_own_scopes(
    protected: Service, issue_token: IssueToken, caplog: pytest.LogCaptureFixture
) -> None:
    alice = issue_token("alice", Scope.WRITE)
    for scopes in (["read"], ["write"], ["read", "write", "read"]):
        assert create(protected, alice, scopes=scopes)[0] == 201
    assert [entry["audit"] for entry in audit_entries(caplog)] == ["token_created"] * 3
    caplog.clear()
    for scopes in (["admin"], ["read", "admin"]):
        status, error = create(protected, alice, scopes=scopes)
        assert (status, error["error"]) == (403, "insufficient_scope")
    denied = {"audit": "admin_call_denied", "owner": "alice", "token_id": alice.id}
    assert [entry.items() >= denied.items() for entry in audit_entries(caplog)] == [True, True]
    assert len(container.tokens().list(AllOwners.ALL, 9, None)) == 4


def test_a_token_that_may_read_lists_tokens_and_creates_and_revokes_none(
    protected: Service, issue_token: IssueToken
) -> None:
    reader = issue_token("alice", Scope.READ)
    assert create(protected, reader, scopes=["read"])[0] == 403
    assert call(protected, "DELETE", f"/api/tokens/{reader.id}", reader)[0] == 403
    assert call(protected, "GET", "/api/tokens", reader)[0] == 200
    assert call(protected, "GET", "/api/me", reader)[0] == 200


def test_only_an_administrator_creates_a_token_for_another_owner(
    protected: Service, issue_token: IssueToken, caplog: pytest.LogCaptureFixture
) -> None:
    alice, admin = issue_token("alice"), issue_token("operations", Scope.ADMIN)
    assert create(protected, alice, owner="alice")[0] == 201
    status, error = create(protected, alice, owner="bob")
    assert (status, error["error"]) == (403, "forbidden_owner")
    caplog.clear()
    status, created = create(protected, admin, owner="bob", scopes=["admin"])
    assert (status, created["owner"], created["scopes"]) == (201, "bob", ["admin"])
    status, created = call(protected, "POST", "/api/tokens", admin, {"name": "x"}, **{"X-Owner": "carol"})
    assert (status, created["owner"], created["scopes"]) == (201, "carol", ["write"])
    assert [(entry["owner"], entry["actor"]) for entry in audit_entries(caplog)] == [
        ("bob", "operations"),
        ("carol", "operations"),
    ]


def test_another_owners_token_is_not_found(protected: Service, issue_token: IssueToken) -> None:
    alice, bob = issue_token("alice"), issue_token("bob")
    assert [each["id"] for each in call(protected, "GET", "/api/tokens", alice)[1]] == [alice.id]
    of_another = call(protected, "DELETE", f"/api/tokens/{bob.id}", alice)
    unknown = call(protected, "DELETE", f"/api/tokens/{UNKNOWN_ID}", alice)
    assert of_another[0] == unknown[0] == 404
    assert {**of_another[1], "requestId": ""} == {**unknown[1], "requestId": ""}
    assert call(protected, "GET", "/api/me", bob)[0] == 200


def test_an_administrator_sees_and_revokes_all_or_those_of_one_owner(
    protected: Service, issue_token: IssueToken
) -> None:
    alice, bob, admin = issue_token("alice"), issue_token("bob"), issue_token("operations", Scope.ADMIN)
    everybodys = call(protected, "GET", "/api/tokens", admin)[1]
    assert [each["id"] for each in everybodys] == [admin.id, bob.id, alice.id]
    as_alice = {"X-Owner": "alice"}
    assert [each["id"] for each in call(protected, "GET", "/api/tokens", admin, **as_alice)[1]] == [alice.id]
    assert call(protected, "DELETE", f"/api/tokens/{bob.id}", admin, **as_alice)[0] == 404
    assert call(protected, "DELETE", f"/api/tokens/{bob.id}", admin)[0] == 204
    assert call(protected, "GET", "/api/me", bob)[1]["error"] == "token_revoked"


def test_a_token_revokes_itself_and_again_is_no_error(
    protected: Service, issue_token: IssueToken, caplog: pytest.LogCaptureFixture
) -> None:
    leaked, other = issue_token("alice"), issue_token("alice")
    assert call(protected, "DELETE", f"/api/tokens/{leaked.id}", leaked) == (204, None)
    assert call(protected, "GET", "/api/files", leaked)[1]["error"] == "token_revoked"
    assert call(protected, "DELETE", f"/api/tokens/{leaked.id}", other) == (204, None)
    assert [entry["audit"] for entry in audit_entries(caplog)] == [
        "token_revoked",
        "revoked_token_used",
        "token_revoked",
    ]


def test_the_list_has_pages(protected: Service, issue_token: IssueToken) -> None:
    ids = [issue_token("alice").id for _ in range(3)]
    headers = issue_token("alice").headers
    seen, path = [], "/api/tokens?limit=2"
    while path:
        response = protected.http.get(path, headers=headers)
        seen += [each["id"] for each in json.loads(response.body)]
        link = response.headers.get("Link", "")
        path = link[link.find("/api/tokens") : link.find(">")]
    assert seen[1:] == ids[::-1]


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\r\nb"},
        {"name": "a\0b"},
        {"name": "\u202egpj.exe"},
        {"name": " a"},
        {"name": None},
        {"owner": ""},
        {"owner": "a/b"},
        {"owner": "a\nb"},
        {"owner": "a" * 129},
        {"owner": ".."},
        {"owner": 7},
        {"scopes": []},
        {"scopes": ["root"]},
        {"scopes": "write"},
        {"scopes": None},
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": 315_360_001},
        {"expires_in": 2**70},
        {"expires_in": 1.5},
        {"expires_in": True},
        {"expires_in": "30d"},
        {"token": "flt_x"},
        {"id": UNKNOWN_ID},
    ],
    ids=repr,
)
def test_a_wrong_field_is_an_error_and_leaves_no_token(
    protected: Service, issue_token: IssueToken, fields: dict[str, Any]
) -> None:
    admin = issue_token("operations", Scope.ADMIN)
    status, error = create(protected, admin, **fields)
    assert (status, error["error"]) == (422, "invalid_field")
    assert any(name in error["message"] for name in fields)
    assert len(container.tokens().list(AllOwners.ALL, 9, None)) == 1


def test_a_malformed_id_or_limit_is_an_error(protected: Service, issue_token: IssueToken) -> None:
    alice = issue_token("alice")
    for method, path in (
        ("DELETE", "/api/tokens/x"),
        ("GET", "/api/tokens?limit=0"),
        ("GET", "/api/tokens?limit=1001"),
        ("GET", "/api/tokens?before=x"),
    ):
        assert call(protected, method, path, alice)[1]["error"] == "invalid_parameter"


def test_the_caller_is_who_the_token_says(protected: Service, issue_token: IssueToken) -> None:
    admin = issue_token("operations", Scope.ADMIN, Scope.READ)
    expected = {
        "owner": "operations",
        "scopes": ["read", "admin"],
        "credential": "api_token",
        "token": {"id": admin.id, "name": "test", "expires_at": None},
    }
    assert call(protected, "GET", "/api/me", admin) == (200, expected)
    assert call(protected, "GET", "/api/me", admin, **{"X-Owner": "alice"}) == (
        200,
        {**expected, "owner": "alice"},
    )


def test_without_authentication_the_caller_is_an_administrator(service: Service) -> None:
    expected = {"owner": "everyone", "scopes": ["admin"], "credential": "none", "token": None}
    assert call(service, "GET", "/api/me") == (200, expected)
    assert call(service, "POST", "/api/tokens", body={"name": "first", "owner": "alice"})[0] == 201
