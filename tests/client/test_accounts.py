"""Calls of the Python client about callers, tokens and limits, and where the token goes."""

import logging
from collections.abc import Iterator

import pytest

from file_loader_client import (
    AuthenticationError,
    Client,
    FileLoaderError,
    InvalidResponseError,
    PermissionDeniedError,
    QuotaExceededError,
    ServiceError,
    TooManyRequestsError,
    UnreachableError,
)
from tests.client.fake_messages import Reply, error, reply
from tests.client.fake_service import FakeService, run_fake_service
from tests.client.faults import fail, lose_response


@pytest.fixture
def secret(service: FakeService) -> str:
    return service.accounts.issue("alice")


@pytest.fixture
def alice(service: FakeService, secret: str) -> Iterator[Client]:
    with Client(service.url, secret) as client:
        yield client


@pytest.fixture
def admin(service: FakeService) -> Iterator[Client]:
    with Client(service.url, service.accounts.issue("root", "admin")) as client:
        yield client


def test_a_client_says_who_it_is(alice: Client) -> None:
    me = alice.me()
    assert (me.owner, me.scopes, me.credential) == ("alice", ["write"], "api_token")
    assert me.token is not None
    assert (me.token.id, me.token.name, me.token.expires_at) == ("token-1", "laptop", None)


def test_usage_has_the_limits(alice: Client) -> None:
    usage = alice.usage()
    assert (usage.owner, usage.files.used, usage.files.limit, usage.files.left) == ("alice", 3, 10, 7)
    assert (usage.bytes.limit, usage.requests_per_minute.limit) == (None, 600)
    assert (usage.allowed_types, usage.day_ends_at.isoformat()) == (
        ["image/*", "application/pdf"],
        "2026-11-29T00:00:00+00:00",
    )


def test_tokens_are_created_listed_and_revoked(alice: Client, service: FakeService) -> None:
    token = alice.create_token("ci", scopes=["read"], expires_in=3600)
    assert (token.owner, token.scopes, token.expires_at is None) == ("alice", ["read"], False)
    with Client(service.url, token.token) as other:
        assert other.me().token is not None
        alice.revoke_token(token.id)
        with pytest.raises(AuthenticationError) as caught:
            other.me()
    assert (caught.value.code, caught.value.base_url) == ("token_revoked", service.url)
    found = list(alice.tokens())
    assert [(each.name, each.revoked_at is None) for each in found] == [("ci", False), ("laptop", True)]


def test_a_created_token_does_not_print_its_secret(alice: Client) -> None:
    token = alice.create_token("ci")
    upload_token = alice.create_upload_token(600)
    assert token.token.startswith("flt_")
    assert upload_token.companion_url.endswith(upload_token.path)
    assert token.token not in f"{token} {token!r} {token.__rich_repr__()}"
    assert "SIGNED" not in f"{upload_token} {upload_token!r} {upload_token.__rich_repr__()}"


@pytest.mark.parametrize("owner", ["alice", "Jürgen Müller", "a%2Fb", "名"])
def test_an_administrator_acts_for_an_owner(admin: Client, service: FakeService, owner: str) -> None:
    (secret,) = service.accounts.tokens
    with Client(service.url, secret, owner=owner) as client:
        assert client.me().owner == owner
        assert client.create_token("x").owner == owner
    assert service.requests[-1].headers["x-owner"].isascii()
    assert admin.me().owner == "root"


def test_others_may_not(secret: str, service: FakeService) -> None:
    with Client(service.url, secret, owner="bob") as client, pytest.raises(PermissionDeniedError) as caught:
        client.usage()
    assert caught.value.code == "forbidden_owner"


def test_a_creation_whose_response_was_lost_is_not_repeated(alice: Client, service: FakeService) -> None:
    service.faults.append(lose_response("POST", "/api/tokens"))
    with pytest.raises(UnreachableError):
        alice.create_token("ci")
    assert [each.name for each in alice.tokens()] == ["ci", "laptop"]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "unauthorized", AuthenticationError),
        (401, "a_code_of_tomorrow", AuthenticationError),
        (403, "insufficient_scope", PermissionDeniedError),
        (403, "quota_exceeded", QuotaExceededError),
        (429, "daily_quota_exceeded", QuotaExceededError),
        (429, "too_many_requests", TooManyRequestsError),
        (451, "a_code_of_tomorrow", ServiceError),
    ],
)
def test_refusals_have_classes(
    alice: Client, service: FakeService, status: int, code: str, expected: type[ServiceError]
) -> None:
    service.faults.append(fail(error(status, code), "GET", "/api/me", times=100))
    with pytest.raises(FileLoaderError) as caught:
        alice.me()
    assert type(caught.value) is expected


def test_refusals_are_not_tried_again(alice: Client, service: FakeService) -> None:
    for status, code in ((401, "token_expired"), (403, "quota_exceeded")):
        service.requests.clear()
        service.faults[:] = [fail(error(status, code), "GET", "/api/me", times=100)]
        with pytest.raises(ServiceError, match=code):
            alice.me()
        assert len(service.requests) == 1


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses before further attempts, which aren't made."""
    made: list[float] = []
    monkeypatch.setattr("time.sleep", made.append)
    return made


def busy(code: str, retry_after: int) -> Reply:
    response = error(429, code)
    response.headers["Retry-After"] = str(retry_after)
    return response


def test_too_many_requests_are_followed_by_a_pause(
    alice: Client, service: FakeService, pauses: list[float]
) -> None:
    service.faults.append(fail(busy("too_many_requests", 41), "GET", "/api/me", times=2))
    assert alice.me().owner == "alice"
    assert pauses.count(41) == 2


def test_pauses_end(alice: Client, service: FakeService, pauses: list[float]) -> None:
    service.faults.append(fail(busy("too_many_requests", 60), "GET", "/api/me", times=100))
    with pytest.raises(TooManyRequestsError) as caught:
        alice.me()
    assert (caught.value.retry_after, pauses.count(60)) == (60, 6)


def test_nobody_waits_for_midnight(alice: Client, service: FakeService, pauses: list[float]) -> None:
    service.faults.append(fail(busy("daily_quota_exceeded", 43_210), "POST", "/api/uploads", times=100))
    with pytest.raises(QuotaExceededError) as caught:
        alice.upload(b"x", name="x")
    assert (caught.value.retry_after, service.count("POST", "/api/uploads")) == (43_210, 1)
    assert [pause for pause in pauses if pause > 1] == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_does_not_follow_a_redirect(alice: Client, service: FakeService, status: int) -> None:
    with run_fake_service() as other:
        redirect = Reply(status, b"", {"Location": f"{other.url}/api/me"})
        service.faults.append(fail(redirect, "GET", "/api/.*", times=100))
        with pytest.raises(InvalidResponseError, match=f"a redirect to {other.url}"):
            alice.me()
        with pytest.raises(InvalidResponseError):
            list(alice.files())
        assert other.requests == []


def test_the_token_is_in_no_log_and_no_error(
    alice: Client, service: FakeService, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    alice.upload(b"x", name="x")
    service.faults.append(fail(error(503, "unavailable"), "GET", "/api/me", times=3))
    alice.me()
    service.faults.append(fail(error(401, "token_revoked"), "GET", "/api/me", times=100))
    with pytest.raises(AuthenticationError) as caught:
        alice.me()
    assert "urllib3" in caplog.text
    assert secret not in f"{caplog.text} {caught.value!r} {caught.value} {vars(caught.value)} {alice!r}"


def test_a_revoked_token_ends_an_upload_which_another_token_continues(service: FakeService, secret: str) -> None:
    content = bytes(range(240))
    created: list[str] = []
    with Client(service.url, secret) as client:
        service.faults.append(fail(error(401, "token_revoked"), "POST", "/api/uploads/.*/parts", times=100))
        with pytest.raises(AuthenticationError):
            client.upload(content, name="a", parallel=1, on_create=lambda upload: created.append(upload.id))
    assert service.sent_parts() == {1: 1, 2: 1, 3: 1}
    service.faults.clear()
    with Client(service.url, service.accounts.issue("alice")) as client:
        assert client.upload(content, name="a", resume=created[0]).size == 240
    assert service.sent_parts() == dict.fromkeys(range(1, 6), 1)


def test_a_scan_is_in_the_file(client: Client, service: FakeService) -> None:
    file = client.upload(b"x", name="x")
    assert file.scan is None
    found = service._file(service.uploads[file.id])
    scan = {"verdict": "a verdict of tomorrow", "scanned_at": "2026-11-28T05:00:00.000Z", "engine": "x"}
    service.faults.append(fail(reply(200, {**found, "scan": scan}), "GET", "/api/files/.*"))
    scanned = client.file(file.id)
    assert scanned.scan is not None
    assert scanned.scan.verdict == "a verdict of tomorrow"
