"""Requests with a JWT, through the app."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import app as chalice_app
from chalicelib import container
from tests.integration.access.conftest import IssueToken
from tests.integration.conftest import Context, Service, form
from tests.integration.costs import count_costs
from tests.oidc.issuer_server import Issuer
from tests.oidc.tokens import claims, rsa_key, token


@pytest.fixture
def accepting(issuer: Issuer, protected: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The app that accepts the issuer's tokens, and makes administrators of its group `admins`."""
    assert container.settings().oidc_issuer == issuer.url
    monkeypatch.setenv("OIDC_ADMIN_CLAIM", "groups")
    monkeypatch.setenv("OIDC_ADMIN_VALUE", "admins")
    container.reset()
    yield protected
    container.reset()


def bearer(issuer: Issuer, key: Any = None, **changes: Any) -> dict[str, str]:
    """Return the header with a token of the issuer."""
    return {"Authorization": f"Bearer {token(claims(iss=issuer.url, **changes), key)}"}


def status_and_error(response: Any) -> tuple[int, str]:
    return response.status_code, json.loads(response.body)["error"]


def upload(service: Service, headers: dict[str, str]) -> dict[str, Any]:
    request = form("a.txt", b"hello\n")
    response = service.http.post("/api/upload", **{**request, "headers": request["headers"] | headers})
    assert response.status_code == 201, response.body
    file: dict[str, Any] = json.loads(response.body)
    return file


def test_owner_of_a_jwt_sees_its_files_and_those_of_its_api_tokens(
    issuer: Issuer, accepting: Service, issue_token: IssueToken
) -> None:
    file = upload(accepting, bearer(issuer))
    assert file["owner"] == "alice"
    for headers in (bearer(issuer), issue_token("alice").headers):
        assert [each["id"] for each in json.loads(accepting.http.get("/api/files", headers=headers).body)] == [
            file["id"]
        ]
    assert json.loads(accepting.http.get("/api/files", headers=bearer(issuer, sub="bob")).body) == []
    assert issuer.paths.count("/keys") == 1


def test_administrator_sees_all_and_acts_for_an_owner(issuer: Issuer, accepting: Service) -> None:
    file = upload(accepting, bearer(issuer))
    admin = bearer(issuer, sub="root", groups=["staff", "admins"])
    assert [each["id"] for each in json.loads(accepting.http.get("/api/files", headers=admin).body)] == [
        file["id"]
    ]
    assert upload(accepting, admin)["owner"] == "root"
    assert upload(accepting, admin | {"X-Owner": "alice"})["owner"] == "alice"
    denied = accepting.http.get("/api/files", headers=bearer(issuer, groups="staff") | {"X-Owner": "bob"})
    assert status_and_error(denied) == (403, "forbidden_owner")


def test_refused_jwts(issuer: Issuer, accepting: Service) -> None:
    expired = accepting.http.get("/api/files", headers=bearer(issuer, exp=1))
    assert status_and_error(expired) == (401, "token_expired")
    for headers in (
        bearer(issuer, aud="other"),
        bearer(issuer, rsa_key(1)),
        {"Authorization": "Bearer a.b.c"},
        {"Authorization": "Bearer .."},
        {"Authorization": f"Bearer {'a' * 9000}.{'b' * 9000}.c"},
    ):
        response = accepting.http.get("/api/files", headers=headers)
        assert status_and_error(response) == (401, "invalid_token")
        assert response.headers["WWW-Authenticate"].startswith("Bearer ")


def test_issuer_is_down_from_the_beginning(issuer: Issuer, accepting: Service, issue_token: IssueToken) -> None:
    issuer.status = 500
    response = accepting.http.get("/api/files", headers=bearer(issuer))
    assert status_and_error(response) == (503, "issuer_unavailable")
    assert accepting.http.get("/api/files", headers=issue_token("alice").headers).status_code == 200


def test_no_jwt_is_accepted_where_no_issuer_is_configured(protected: Service) -> None:
    response = protected.http.get("/api/files", headers={"Authorization": f"Bearer {token()}"})
    assert status_and_error(response) == (401, "invalid_token")


def test_jwt_costs_no_statement(issuer: Issuer, accepting: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(accepting, bearer(issuer))
    with count_costs() as costs:
        assert accepting.http.get("/api/files", headers=bearer(issuer)).status_code == 200
        with_jwt = costs.take()
        monkeypatch.setenv("AUTH", "off")
        container.settings.clear()
        assert accepting.http.get("/api/files").status_code == 200
        assert costs.take() == with_jwt == (1, 0)
        container.settings.clear()
        monkeypatch.setenv("AUTH", "required")
        assert accepting.http.get("/api/files", headers={"Authorization": "Bearer a.b.c"}).status_code == 401
        assert costs.take() == (0, 0)


def test_keys_in_the_bucket_are_read_once(
    issuer: Issuer, accepting: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OIDC_JWKS_IN_BUCKET", "true")
    container.reset()
    chalice_app.fetch_signing_keys({}, Context())
    asked = list(issuer.paths)
    with count_costs() as costs:
        for expected in ((1, 1), (1, 0), (1, 0)):
            assert accepting.http.get("/api/files", headers=bearer(issuer)).status_code == 200
            assert costs.take() == expected
        invented = {"Authorization": f"Bearer {token(claims(iss=issuer.url), kid='invented')}"}
        assert status_and_error(accepting.http.get("/api/files", headers=invented)) == (401, "invalid_token")
        assert costs.take() == (0, 0), "the keys were read a moment ago"
    assert issuer.paths == asked


def test_jwt_says_who_calls_and_creates_tokens_of_its_owner_within_its_scope(
    issuer: Issuer, accepting: Service
) -> None:
    me = json.loads(accepting.http.get("/api/me", headers=bearer(issuer)).body)
    assert (me["owner"], me["scopes"], me["credential"], me["token"]) == ("alice", ["write"], "jwt", None)
    headers = {**bearer(issuer), "Content-Type": "application/json"}
    created = accepting.http.post("/api/tokens", headers=headers, body='{"name": "laptop"}')
    assert (created.status_code, json.loads(created.body)["owner"]) == (201, "alice")
    beyond = accepting.http.post("/api/tokens", headers=headers, body='{"name": "x", "scopes": ["admin"]}')
    assert beyond.status_code == 403
    for_another = accepting.http.post("/api/tokens", headers=headers, body='{"name": "x", "owner": "bob"}')
    assert for_another.status_code == 403


def test_jwt_is_accepted_in_no_other_place(issuer: Issuer, accepting: Service) -> None:
    text = bearer(issuer)["Authorization"].removeprefix("Bearer ")
    assert accepting.http.get("/api/files", headers={"Cookie": f"Authorization={text}"}).status_code == 401
    assert accepting.http.get(f"/api/files?access_token={text}").status_code == 401
