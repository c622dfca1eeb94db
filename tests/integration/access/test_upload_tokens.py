"""Upload tokens: what they allow, where, and until when."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import requests
from itsdangerous import URLSafeSerializer

import app as chalice_app
from chalicelib import container
from chalicelib.adapters.upload_token_signer import SALT, ItsdangerousUploadTokenSigner
from chalicelib.core.accounts.model import AllOwners, Scope
from chalicelib.core.accounts.upload_tokens import UploadGrant
from chalicelib.http.authentication import BROWSER_PREFIX
from tests.integration.access.conftest import Bearer, IssueToken
from tests.integration.conftest import Service
from tests.integration.costs import count_costs

SECRET, OLD_SECRET = "s" * 32, "o" * 32
PARAMS = "/s3/params?filename=a.txt"


@pytest.fixture
def uploading(protected: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.setenv("UPLOAD_TOKEN_SECRET", f"{SECRET} {OLD_SECRET}")
    container.reset()
    return protected


def call(service: Service, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    content = b"" if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **headers} if content else headers
    response = service.http.request(method, path, headers=sent, body=content)
    return response.status_code, json.loads(response.body)


def create(service: Service, bearer: Bearer, **fields: Any) -> dict[str, Any]:
    status, created = call(service, "POST", "/api/upload-tokens", fields or None, **bearer.headers)
    assert status == 201, created
    result: dict[str, Any] = created
    return result


def sign(secret: str = SECRET, *, seconds: int = 60, owner: str = "alice", token_id: UUID | None = None) -> str:
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
    grant = UploadGrant(owner=owner, expires_at=expires_at, token_id=token_id)
    return ItsdangerousUploadTokenSigner([secret]).sign(grant)


def test_a_page_uploads_for_the_owner_without_a_header(uploading: Service, issue_token: IssueToken) -> None:
    alice = issue_token("alice")
    created = create(uploading, alice)
    assert created["path"] == f"/u/{created['token']}"
    assert created["companion_url"].endswith(created["path"])
    left = datetime.fromisoformat(created["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(hours=1)

    status, new = call(uploading, "POST", f"{created['path']}/s3/multipart", {"filename": "film.mp4"})
    assert status == 200, new
    upload, key = f"{created['path']}/s3/multipart/{new['uploadId']}", f"?key={new['key']}"
    url = call(uploading, "GET", f"{upload}/1{key}")[1]["url"]
    part = {"PartNumber": 1, "ETag": requests.put(url, data=b"x", timeout=30).headers["ETag"]}
    assert call(uploading, "POST", f"{upload}/complete{key}", {"parts": [part]})[0] == 200
    status, file = call(uploading, "GET", f"/api/files/{new['key'].split('/')[1]}", **alice.headers)
    assert (status, file["owner"]) == (200, "alice")
    bobs = create(uploading, issue_token("bob"))["path"]
    assert call(uploading, "GET", f"{bobs}/s3/multipart/{new['uploadId']}/1{key}")[0] == 404


def test_every_route_of_uppy_is_there_and_no_other() -> None:
    below = {path.removeprefix(BROWSER_PREFIX) for path in chalice_app.app.routes if path.startswith("/u/")}
    assert below == {path for path in chalice_app.app.routes if path.startswith("/s3/")}


def test_creating_one_is_no_statement_and_using_it_one_more(uploading: Service, issue_token: IssueToken) -> None:
    alice = issue_token("alice")
    with count_costs() as costs:
        path = create(uploading, alice)["path"]
        assert costs.take() == (1, 0)  # which finds the request's token
        assert call(uploading, "GET", f"{path}{PARAMS}")[0] == 200
        assert costs.take() == (2, 0)
        assert call(uploading, "GET", f"/u/{sign()}{PARAMS}")[0] == 200  # that of a JWT, which isn't stored
        assert costs.take() == (1, 0)
        for wrong in (sign("x" * 32), sign(seconds=-1), "x" * 5000, ".a.b"):
            assert call(uploading, "GET", f"/u/{wrong}{PARAMS}")[0] == 401
        assert costs.take() == (0, 0)


def test_it_ends_with_its_api_token_and_the_use_is_in_the_audit_log(
    uploading: Service, issue_token: IssueToken, caplog: pytest.LogCaptureFixture
) -> None:
    alice = issue_token("alice")
    created = create(uploading, alice)
    container.tokens().revoke(AllOwners.ALL, UUID(alice.id))
    assert call(uploading, "GET", f"{created['path']}{PARAMS}")[1]["error"] == "token_revoked"
    entries = [vars(record)["audit"] for record in caplog.records if hasattr(record, "audit")]
    assert entries == ["upload_token_created", "revoked_token_used"]
    assert created["token"] not in caplog.text
    unknown = sign(token_id=UUID("01930000-0000-7000-8000-000000000000"))
    assert call(uploading, "GET", f"/u/{unknown}{PARAMS}")[1]["error"] == "invalid_token"


def test_an_expired_one_is_refused(uploading: Service) -> None:
    assert call(uploading, "GET", f"/u/{sign(seconds=-1)}{PARAMS}")[1]["error"] == "token_expired"


def with_payload(*payload: Any, salt: str = SALT) -> str:
    import hashlib

    serializer = URLSafeSerializer(SECRET, salt=salt, signer_kwargs={"digest_method": hashlib.sha256})
    return str(serializer.dumps(list(payload)))


FUTURE = 4_000_000_000


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "flt_Hn3bT0aVx2Y8uQkJ4cR7sLmZ1wPdE6fG0a1B2c",
        sign("x" * 32),
        sign()[:-1],
        "A" + sign()[1:],
        with_payload("download", "alice", FUTURE, None),
        with_payload("upload", "alice", FUTURE, None, salt="another purpose"),
        with_payload("upload", "alice", "never", None),
        with_payload("upload", "alice", FUTURE, "x"),
        with_payload("upload", "alice"),
        URLSafeSerializer(SECRET, salt=SALT).dumps(["upload", "alice", FUTURE, None]),  # SHA-1
    ],
    ids=range(11),  # a token differs in each of pytest-xdist's workers
)
def test_what_this_service_has_not_signed_for_uploads_is_refused(uploading: Service, token: str) -> None:
    assert call(uploading, "GET", f"/u/{token}{PARAMS}")[1]["error"] == "invalid_token"
    with_header = call(uploading, "GET", f"/u/{token}{PARAMS}", Authorization=f"Bearer {sign()}")
    assert with_header[1]["error"] == "invalid_token"


def test_the_valid_one_of_that_test_is_accepted(uploading: Service) -> None:
    assert call(uploading, "GET", f"/u/{with_payload('upload', 'alice', FUTURE, None)}{PARAMS}")[0] == 200


def test_a_page_uploads_with_it_in_a_header_too(uploading: Service) -> None:
    """Also with a compressed one, which has three parts as a JWT has."""
    for owner in ("alice", "a" * 200):
        headers = {"Authorization": f"Bearer {sign(owner=owner)}"}
        status, new = call(uploading, "POST", "/api/uploads", {"name": "a.txt", "size": 5}, **headers)
        assert status == 201, new
        requests.put(new["upload"]["url"], data=b"hello", headers=new["upload"]["headers"], timeout=30)
        status, file = call(uploading, "POST", f"/api/uploads/{new['id']}/complete", **headers)
        assert (status, file["owner"]) == (200, owner)
        assert call(uploading, "GET", f"/api/files/{new['id']}", **headers)[1]["error"] == "invalid_token"
    assert sign(owner="a" * 200).count(".") == 2
    expired = {"Authorization": f"Bearer {sign(seconds=-1)}"}
    assert call(uploading, "GET", "/api/usage", **expired)[1]["error"] == "token_expired"
    assert call(uploading, "GET", "/api/usage", Authorization="Bearer a.b")[1]["error"] == "invalid_token"


def test_it_is_accepted_nowhere_else(uploading: Service, issue_token: IssueToken) -> None:
    alice = issue_token("alice")
    token = create(uploading, alice)["token"]
    for path in ("/api/files", "/api/me", "/api/tokens", PARAMS):
        assert call(uploading, "GET", path, Authorization=f"Bearer {token}")[1]["error"] == "invalid_token"
    assert call(uploading, "POST", "/api/upload-tokens", Authorization=f"Bearer {token}")[0] == 401
    assert call(uploading, "GET", f"/u/{alice.token}{PARAMS}", **alice.headers)[1]["error"] == "invalid_token"


def test_an_owner_that_a_header_names_is_refused(uploading: Service, issue_token: IssueToken) -> None:
    """An upload token is never an administrator's, even if one created it."""
    path = create(uploading, issue_token("operations", Scope.ADMIN))["path"]
    status, error = call(uploading, "GET", f"{path}{PARAMS}", **{"X-Owner": "bob"})
    assert (status, error["error"]) == (403, "forbidden_owner")


def test_an_administrator_creates_one_for_an_owner(uploading: Service, issue_token: IssueToken) -> None:
    admin = issue_token("operations", Scope.ADMIN)
    status, created = call(uploading, "POST", "/api/upload-tokens", **admin.headers, **{"X-Owner": "alice"})
    assert status == 201
    key = call(uploading, "GET", f"{created['path']}{PARAMS}")[1]["fields"]["key"]
    alice = issue_token("alice")
    assert call(uploading, "GET", f"/api/files/{key.split('/')[1]}", **alice.headers)[0] == 200


def test_its_requests_are_counted_for_its_owner_and_not_for_the_administrator_who_created_it(
    uploading: Service, issue_token: IssueToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The users of a page share its backend's token: one of them must not use up the requests of the others."""
    admin = issue_token("operations", Scope.ADMIN)
    paths = [
        call(uploading, "POST", "/api/upload-tokens", **admin.headers, **{"X-Owner": owner})[1]["path"]
        for owner in ("alice", "bob")
    ]
    monkeypatch.setenv("REQUESTS_PER_MINUTE", "2")
    container.reset()
    statuses = [call(uploading, "GET", f"{path}{PARAMS}")[0] for path in [paths[0]] * 3 + [paths[1]]]
    assert statuses == [200, 200, 429, 200]
    assert call(uploading, "GET", "/api/me", **admin.headers)[0] == 200


def test_a_token_that_may_only_read_creates_none(uploading: Service, issue_token: IssueToken) -> None:
    reader = issue_token("alice", Scope.READ)
    assert call(uploading, "POST", "/api/upload-tokens", **reader.headers)[1]["error"] == "insufficient_scope"


@pytest.mark.parametrize("expires_in", [59, 86_401, 0, -1, 2**70, 60.5, "1h", None, True])
def test_a_wrong_time_is_refused(uploading: Service, issue_token: IssueToken, expires_in: Any) -> None:
    alice = issue_token("alice")
    status, error = call(uploading, "POST", "/api/upload-tokens", {"expires_in": expires_in}, **alice.headers)
    assert (status, error["error"]) == (422, "invalid_field")


def test_a_body_that_is_null_is_refused(uploading: Service, issue_token: IssueToken) -> None:
    headers = {**issue_token("alice").headers, "Content-Type": "application/json"}
    assert uploading.http.post("/api/upload-tokens", headers=headers, body=b"null").status_code == 422


def test_a_secret_is_replaced_without_ending_tokens(
    uploading: Service, issue_token: IssueToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call(uploading, "GET", f"/u/{sign(OLD_SECRET)}{PARAMS}")[0] == 200
    token = create(uploading, issue_token("alice"))["token"]
    monkeypatch.setenv("UPLOAD_TOKEN_SECRET", SECRET)
    container.reset()
    assert call(uploading, "GET", f"/u/{token}{PARAMS}")[0] == 200
    assert call(uploading, "GET", f"/u/{sign(OLD_SECRET)}{PARAMS}")[1]["error"] == "invalid_token"


def test_without_a_secret_there_are_none(protected: Service, issue_token: IssueToken) -> None:
    alice = issue_token("alice")
    status, error = call(protected, "POST", "/api/upload-tokens", **alice.headers)
    assert (status, error["error"]) == (501, "upload_tokens_disabled")
    assert call(protected, "GET", f"/u/{sign('')}{PARAMS}")[1]["error"] == "invalid_token"


def test_without_authentication_they_work_too(service: Service) -> None:
    status, created = call(service, "POST", "/api/upload-tokens", {"expires_in": 60})
    assert status == 201
    assert call(service, "GET", f"{created['path']}{PARAMS}")[0] == 200
    assert call(service, "GET", f"/u/x{PARAMS}")[0] == 401
