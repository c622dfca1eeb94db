"""Who is let in: the header, the token, its scopes, and the owner that an administrator acts for."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import app as chalice_app
from chalicelib import container
from chalicelib.core.accounts.model import AllOwners, Scope
from chalicelib.http.authentication import BROWSER_PREFIX
from tests.database_access import connect_to
from tests.integration.access.conftest import IssueToken
from tests.integration.conftest import Service, form
from tests.integration.costs import count_costs

PUBLIC_PATHS = {
    *("/", "/assets/{name}", "/dropzone.js", "/api/docs", "/api/docs/assets/{name}"),
    *("/api/health", "/api/openapi.json", "/api/sign-in"),
}


def status_and_error(response: Any) -> tuple[int, str]:
    return response.status_code, json.loads(response.body)["error"]


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path, methods in chalice_app.app.routes.items() for method in methods],
)
def test_a_route_is_public_or_refuses_a_request_without_a_token(
    protected: Service, path: str, method: str
) -> None:
    """Also a route that is added tomorrow: this list is the app's."""
    response = protected.http.request(method, path.replace("{", "").replace("}", ""))
    if method == "OPTIONS" or path in PUBLIC_PATHS:
        assert response.status_code != 401
    else:
        assert response.status_code == 401
        takes_upload_token = path.startswith(f"{BROWSER_PREFIX}/")  # here it is the text "upload_token"
        challenge = 'Bearer realm="file-loader"' + (', error="invalid_token"' if takes_upload_token else "")
        assert response.headers["WWW-Authenticate"] == challenge
        if method != "HEAD":
            error = "invalid_token" if takes_upload_token else "unauthorized"
            assert status_and_error(response) == (401, error)


def test_a_route_that_is_no_operation_is_for_administrators(
    protected: Service, issue_token: IssueToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that somebody adds with Chalice's own decorator."""
    entry = chalice_app.app.routes["/api/health"]["GET"]
    monkeypatch.setattr(entry, "view_function", lambda: {"secret": True})
    assert protected.http.get("/api/health").status_code == 401
    assert protected.http.get("/api/health", headers=issue_token("alice").headers).status_code == 403
    assert protected.http.get("/api/health", headers=issue_token("a", Scope.ADMIN).headers).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "flt_x", "Token x"])
def test_a_header_without_a_bearer_token_is_none(protected: Service, header: str) -> None:
    response = protected.http.get("/api/files", headers={"Authorization": header})
    assert status_and_error(response) == (401, "unauthorized")


def test_a_token_is_for_its_owner(protected: Service, issue_token: IssueToken) -> None:
    alice = issue_token("alice")
    upload = form("a.txt", b"hello\n")
    created = protected.http.post("/api/upload", **{**upload, "headers": upload["headers"] | alice.headers})
    assert created.status_code == 201
    assert json.loads(created.body)["owner"] == "alice"
    assert len(json.loads(protected.http.get("/api/files", headers=alice.headers).body)) == 1
    assert json.loads(protected.http.get("/api/files", headers=issue_token("bob").headers).body) == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_the_scheme_may_be_written_in_any_case(protected: Service, issue_token: IssueToken, scheme: str) -> None:
    header = f"{scheme} {issue_token('alice').token}"
    assert protected.http.get("/api/files", headers={"Authorization": header}).status_code == 200


def test_a_mistyped_token_costs_no_statement(protected: Service, issue_token: IssueToken) -> None:
    token = issue_token("alice").token
    with count_costs() as costs:
        for wrong in (
            token[:-1],
            token + "0",
            token[:8] + ("a" if token[8] != "a" else "b") + token[9:],
            "x" * 9000,
        ):
            response = protected.http.get("/api/files", headers={"Authorization": f"Bearer {wrong}"})
            assert status_and_error(response) == (401, "invalid_token")
            assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
        assert costs.take() == (0, 0)


def test_a_request_with_a_token_is_one_statement_more(protected: Service, issue_token: IssueToken) -> None:
    headers = issue_token("alice").headers
    with count_costs() as costs:
        for _ in range(2):
            assert protected.http.get("/api/files", headers=headers).status_code == 200
            assert costs.take() == (2, 0)


def test_an_unknown_token_is_invalid(protected: Service, issue_token: IssueToken) -> None:
    bearer = issue_token("alice")
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql("DELETE FROM tokens")
    response = protected.http.get("/api/files", headers=bearer.headers)
    assert status_and_error(response) == (401, "invalid_token")


def test_an_expired_token_is_refused(protected: Service, issue_token: IssueToken) -> None:
    headers = issue_token("alice", expires_in=timedelta(seconds=-1)).headers
    assert status_and_error(protected.http.get("/api/files", headers=headers)) == (401, "token_expired")


def test_a_revoked_token_is_refused_at_once_and_its_use_is_in_the_audit_log(
    protected: Service, issue_token: IssueToken, caplog: pytest.LogCaptureFixture
) -> None:
    bearer = issue_token("alice")
    assert protected.http.get("/api/files", headers=bearer.headers).status_code == 200
    container.tokens().revoke(AllOwners.ALL, UUID(bearer.id))
    response = protected.http.get("/api/files", headers=bearer.headers)
    assert status_and_error(response) == (401, "token_revoked")
    (entry,) = [record for record in caplog.records if hasattr(record, "audit")]
    assert vars(entry).items() >= {"audit": "revoked_token_used", "owner": "alice", "token_id": bearer.id}.items()


def test_a_scope_includes_those_before_it(protected: Service, issue_token: IssueToken) -> None:
    upload = form("a.txt", b"hello\n")
    for scope, may_write in ((Scope.READ, False), (Scope.WRITE, True), (Scope.ADMIN, True)):
        headers = issue_token("alice", scope).headers
        assert protected.http.get("/api/files", headers=headers).status_code == 200
        response = protected.http.post("/api/upload", **{**upload, "headers": upload["headers"] | headers})
        if may_write:
            assert response.status_code == 201
        else:
            assert status_and_error(response) == (403, "insufficient_scope")


def test_an_administrator_acts_for_an_owner(protected: Service, issue_token: IssueToken) -> None:
    headers = issue_token("operations", Scope.ADMIN).headers | {"X-Owner": "m%C3%BCller"}
    upload = form("a.txt", b"hello\n")
    created = protected.http.post("/api/upload", **{**upload, "headers": upload["headers"] | headers})
    assert json.loads(created.body)["owner"] == "müller"
    assert len(json.loads(protected.http.get("/api/files", headers=headers).body)) == 1


def test_nobody_else_does_and_the_attempt_is_in_the_audit_log(
    protected: Service, issue_token: IssueToken, caplog: pytest.LogCaptureFixture
) -> None:
    headers = issue_token("alice").headers
    assert protected.http.get("/api/files", headers=headers | {"X-Owner": "alice"}).status_code == 200
    response = protected.http.get("/api/files", headers=headers | {"X-Owner": "bob"})
    assert status_and_error(response) == (403, "forbidden_owner")
    (entry,) = [record for record in caplog.records if hasattr(record, "audit")]
    assert vars(entry).items() >= {"audit": "admin_call_denied", "owner": "alice"}.items()


@pytest.mark.parametrize(
    "name", ["", "a/b", "a%0Ab", "a%00", " a", "%20", "a" * 129, "..", "u%CC%88", "%E2%80%AEa"]
)
def test_an_owner_has_a_printable_name_in_one_form_of_unicode(
    protected: Service, issue_token: IssueToken, name: str
) -> None:
    headers = issue_token("operations", Scope.ADMIN).headers | {"X-Owner": name}
    assert status_and_error(protected.http.get("/api/files", headers=headers)) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    "header", ["alice,bob", "alice, alice", "m\xfcller", "m\xc3\xbcller", "%", "%zz", "%FF", "%C3("]
)
def test_an_owner_that_could_be_read_as_another_one_is_refused(
    protected: Service, issue_token: IssueToken, header: str
) -> None:
    """A header that is there twice comes joined by a comma, and one that isn't encoded as Latin-1."""
    headers = issue_token("operations", Scope.ADMIN).headers | {"X-Owner": header}
    response = protected.http.get("/api/files", headers=headers)
    assert status_and_error(response) == (400, "invalid_parameter")
    assert "percent-encoded" in json.loads(response.body)["message"]


def test_an_owner_with_special_characters_is_encoded(protected: Service, issue_token: IssueToken) -> None:
    headers = issue_token("operations", Scope.ADMIN).headers | {
        "X-Owner": '50%25%2C%20"m%C3%BCller" & +@x.example'
    }
    me = json.loads(protected.http.get("/api/me", headers=headers).body)
    assert me["owner"] == '50%, "müller" & +@x.example'


def test_naming_another_owner_is_in_the_audit_log_whatever_scope_the_route_needs(
    protected: Service, issue_token: IssueToken, caplog: pytest.LogCaptureFixture
) -> None:
    headers = issue_token("alice", Scope.READ).headers | {"X-Owner": "bob"}
    response = protected.http.request("DELETE", "/api/files/01930000-0000-7000-8000-000000000000", headers=headers)
    assert status_and_error(response) == (403, "forbidden_owner")
    assert [vars(record)["audit"] for record in caplog.records if hasattr(record, "audit")] == [
        "admin_call_denied"
    ]
