"""`filectl login`, `logout` and `whoami`."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from tests.client.fake_messages import Reply, error, reply
from tests.client.fake_service import FakeService, run_fake_service
from tests.client.faults import fail
from tests.filectl.command import Filectl, Result, finish, start
from tests.filectl.terminal import Terminal


@pytest.fixture
def secret(service: FakeService) -> str:
    return service.accounts.issue("alice")


def log_in(filectl: Filectl, service: FakeService, secret: str, *options: str) -> Result:
    """Log in as a program does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", StringIO(f"{secret}\n"))
        return filectl("login", service.url, "--token-stdin", *options)


def tokens_file(filectl: Filectl) -> Path:
    return filectl.user / "config" / "file-loader" / "tokens.json"


def test_a_login_is_used_by_the_commands_that_follow(filectl: Filectl, service: FakeService, secret: str) -> None:
    result = log_in(filectl, service, secret)
    assert result.status == 0
    assert dict(result.lines) == {
        "service": service.url,
        "owner": "alice",
        "scopes": "write",
        "credential": "api_token",
        "token": "laptop (token-1)",
        "expires": "never",
    }
    assert result.err == f"filectl: The token is stored in {tokens_file(filectl)}.\n"
    assert filectl("whoami").out == result.out
    Path("a").write_bytes(b"x")
    assert filectl("upload", "a").status == 0
    [first, *others] = [request for request in service.requests if request.path.startswith("/api/")]
    assert "authorization" not in first.headers  # to see if it is a service that needs one
    assert {request.headers["authorization"] for request in others} == {f"Bearer {secret}"}


def test_on_a_terminal_the_token_is_not_shown(filectl: Filectl, service: FakeService, secret: str) -> None:
    terminal = Terminal("login", service.url)
    terminal.read_until(f"Token for {service.url}: ")
    assert not terminal.is_echoing()
    terminal.type(f" {secret}\n")
    assert terminal.finish() == 0
    assert secret not in terminal.sent
    assert "alice" in terminal.sent
    assert secret in tokens_file(filectl).read_text()


@pytest.mark.parametrize("keys", ["\n", "\x04", "\x03"])
def test_nothing_typed_stores_nothing(filectl: Filectl, service: FakeService, secret: str, keys: str) -> None:
    terminal = Terminal("login", service.url)
    terminal.read_until("Token for")
    terminal.type(keys)
    assert terminal.finish() == (130 if keys == "\x03" else 2)
    assert "fault" not in terminal.sent
    assert not tokens_file(filectl).exists()
    assert secret


def test_a_wrong_token_is_not_stored(filectl: Filectl, service: FakeService, secret: str) -> None:
    assert log_in(filectl, service, secret).status == 0
    before = tokens_file(filectl).read_text()
    result = log_in(filectl, service, secret[:-1])
    assert (result.status, result.out) == (4, "")
    assert result.err == "filectl: this is invalid_token Nothing was stored.\n"
    assert tokens_file(filectl).read_text() == before


def test_a_token_is_not_sent_to_another_server(filectl: Filectl, service: FakeService, secret: str) -> None:
    for other in (
        reply(404, {"hello": 1}),
        reply(200, {"hello": 1}),
        error(500, "broken"),
        reply(401, {"message": "Unauthorized"}),
        Reply(401, b"<h1>Authorization Required</h1>"),
    ):
        service.faults[:] = [fail(other, "GET", "/api/me", times=100)]
        assert log_in(filectl, service, secret).status in {1, 3, 4}
    assert [request.headers.get("authorization") for request in service.requests if request.path == "/api/me"] == [
        None
    ] * len(service.requests)
    assert not tokens_file(filectl).exists()


def test_a_service_without_authentication_needs_none(filectl: Filectl, service: FakeService) -> None:
    result = filectl("login", service.url)
    assert (result.status, result.err) == (0, f"filectl: {service.url} needs no token.\n")
    assert dict(result.lines)["credential"] == "none"
    assert filectl("whoami").out == result.out


def test_each_service_has_its_own_token(filectl: Filectl, service: FakeService, secret: str) -> None:
    with run_fake_service() as other:
        other_secret = other.accounts.issue("bob")
        assert log_in(filectl, service, secret).status == 0
        assert log_in(filectl, other, other_secret).status == 0
        assert dict(filectl("whoami").lines)["owner"] == "bob"
        assert dict(filectl("whoami", "--url", f"{service.url}/").lines)["owner"] == "alice"
        assert filectl("logout").status == 0
        assert filectl("whoami").status == 4
        assert dict(filectl("whoami", "--url", service.url).lines)["owner"] == "alice"
        sent = {request.headers.get("authorization") for request in other.requests}
        assert f"Bearer {secret}" not in sent


def test_logout_says_if_there_was_no_token(filectl: Filectl, service: FakeService, secret: str) -> None:
    log_in(filectl, service, secret)
    assert filectl("logout", "--json").json == [{"url": service.url, "removed": True}]
    assert secret not in tokens_file(filectl).read_text()
    result = filectl("logout", service.url)
    assert (result.status, result.err) == (2, f"filectl: There is no stored token for {service.url}.\n")


def test_the_variable_comes_before_the_login_which_is_said(
    filectl: Filectl, service: FakeService, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILE_LOADER_TOKEN", service.accounts.issue("bob"))
    monkeypatch.setenv("FILE_LOADER_URL", "http://other.example")
    warned = log_in(filectl, service, secret).err
    assert "FILE_LOADER_TOKEN is set and comes before it." in warned
    assert "Without --url, filectl uses http://other.example" in warned
    assert dict(filectl("whoami", "--url", service.url).lines)["owner"] == "bob"
    assert "filectl goes on sending it" in filectl("logout", service.url).err


def test_a_token_as_an_argument_is_refused_without_it(filectl: Filectl, service: FakeService, secret: str) -> None:
    for arguments in ([service.url, secret], [secret], [service.url, "--token", secret], [f"--token={secret}"]):
        result = filectl("login", *arguments)
        assert result.status == 2
        assert secret not in result.err + result.out
    assert "A token isn't an argument" in filectl("login", service.url, secret).err


def test_without_a_terminal_the_token_comes_from_standard_input(
    filectl: Filectl, service: FakeService, secret: str
) -> None:
    assert secret
    result = finish(start("login", service.url, stdin=subprocess.DEVNULL))
    assert result.status == 2
    assert "give the token there, with --token-stdin" in result.err
    assert log_in(filectl, service, "").err == "filectl: There is no token.\n"
    assert "isn't ASCII" in log_in(filectl, service, "tök€n").err


def test_a_token_that_travels_in_clear_text_is_warned_of(
    filectl: Filectl, service: FakeService, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", service.url)
    monkeypatch.setattr(sys, "stdin", StringIO(secret))
    result = filectl("login", "http://files.example", "--token-stdin")
    assert result.status == 0
    assert "http://files.example isn't encrypted: others on the way can read the token." in result.err


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("unauthorized", "The service needs a token. Run: filectl login URL"),
        ("token_expired", "this is token_expired Run: filectl login URL"),
        ("token_revoked", "this is token_revoked Run: filectl login URL"),
    ],
)
@pytest.mark.parametrize("command", ["ls", "show a b", "get a b", "rm a b", "token list", "usage", "watch"])
def test_a_refused_token_says_what_to_do_once(
    filectl: Filectl, service: FakeService, code: str, expected: str, command: str
) -> None:
    filectl.url = service.url
    service.faults.append(fail(error(401, code), "GET|DELETE", "/api/.*", times=100))
    result = filectl(*command.split())
    assert (result.status, result.out) == (4, "")
    assert result.err == f"filectl: {expected} (request r-1)\n".replace("URL", service.url)


@pytest.mark.parametrize("command", ["show a b", "rm a b", "token revoke a b"])
def test_a_token_that_does_not_allow_it_is_said_once(filectl: Filectl, service: FakeService, command: str) -> None:
    filectl.url = service.url
    service.faults.append(fail(error(403, "insufficient_scope"), "GET|DELETE", "/api/.*", times=100))
    result = filectl(*command.split())
    assert (result.status, result.out) == (4, "")
    assert result.err == "filectl: this is insufficient_scope (request r-1)\n"


def test_a_refused_token_of_the_environment_is_named(
    filectl: Filectl, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILE_LOADER_TOKEN", "flt_wrong")
    filectl.url = service.url
    service.accounts.issue("alice")
    assert filectl("ls").err.startswith(
        "filectl: this is invalid_token filectl sends the one in FILE_LOADER_TOKEN."
    )
