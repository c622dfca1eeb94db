"""Tokens are nowhere but in their file and in the requests to the service."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from threading import Event

import pytest

from filectl import program
from filectl.token_masking import mask_tokens
from tests.client.fake_messages import Reply, Request, error
from tests.client.fake_service import FakeService, s3_error
from tests.client.faults import fail
from tests.filectl.command import Filectl, finish, start

CONTENT = bytes(range(250)) * 2
"""Of ten parts."""


@pytest.fixture
def secret(filectl: Filectl, service: FakeService, monkeypatch: pytest.MonkeyPatch) -> str:
    """The token of a user who has logged in."""
    secret = service.accounts.issue("alice")
    log_in(filectl, service, secret, monkeypatch)
    Path("large").write_bytes(CONTENT)
    return secret


def log_in(filectl: Filectl, service: FakeService, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(secret))
    assert filectl("login", service.url, "--token-stdin").status == 0


def files_with(folder: Path, secret: str) -> list[str]:
    """Return the names of the files below the folder that have the token."""
    return [path.name for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


@pytest.mark.parametrize("code", ["token_expired", "token_revoked"])
def test_an_upload_goes_on_after_a_new_login_and_sends_no_part_again(
    filectl: Filectl, service: FakeService, secret: str, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def refuse_from_the_fourth_part_on(request: Request) -> Reply | None:
        if request.query.get("part") != "4":
            return None
        service.accounts.tokens[secret].refusal = code
        return s3_error(403, "AccessDenied", "Request has expired")

    service.faults.append(refuse_from_the_fourth_part_on)
    result = filectl("upload", "large", "--parallel", "1")
    assert (result.status, result.out) == (4, "")
    assert result.err.splitlines() == [
        f"filectl: large: this is {code} Run: filectl login {service.url} (request r-1)",
        "filectl: With another token, the same command continues.",
    ]
    assert service.sent_parts() == dict.fromkeys(range(1, 5), 1)
    assert len(filectl.states()) == 1
    assert files_with(filectl.user, secret) == ["tokens.json"]
    service.faults.clear()
    log_in(filectl, service, service.accounts.issue("alice"), monkeypatch)
    assert filectl("upload", "large").lines == [["upload-1", "uploaded", "500", "large"]]
    assert service.uploads["upload-1"].data == CONTENT
    assert service.sent_parts() == dict.fromkeys(range(1, 11), 1)
    assert service.count("POST", "/api/uploads") == 1


def test_a_refused_token_ends_the_upload_of_many_files_at_once(
    filectl: Filectl, service: FakeService, secret: str
) -> None:
    assert secret
    for name in "abcdefgh":
        Path(name).write_bytes(b"x")
    service.faults.append(fail(error(401, "token_revoked"), "POST", "/api/uploads", times=100))
    result = filectl("upload", *"abcdefgh", "--parallel", "1")
    assert service.count("POST", "/api/uploads") == 1
    assert result.err.splitlines()[1:] == [
        "filectl: 8 of 8 files aren't uploaded. The same command uploads only these."
    ]
    service.faults[:] = [fail(error(401, "token_revoked"), "GET", "/api/files/.*", times=100)]
    result = filectl("upload", *"abcdefgh", "--wait")
    assert result.status == 4
    assert result.err.count("token_revoked") == 1


def test_the_list_of_processes_has_no_token(filectl: Filectl, service: FakeService, secret: str) -> None:
    reached, release = Event(), Event()

    def hold(request: Request) -> Reply | None:
        if request.path == "/api/me" and "authorization" in request.headers:
            reached.set()
            release.wait(20)
        return None

    service.faults.append(hold)
    for command in (["whoami"], ["login", service.url, "--token-stdin"]):
        reached.clear()
        release.clear()
        process = start(*command, stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(secret)
        process.stdin.close()
        process.stdin = None
        assert reached.wait(20)
        listed = subprocess.run(["ps", "-o", "args", "-p", str(process.pid)], capture_output=True, check=True)  # noqa: S607
        release.set()
        assert b"filectl" in listed.stdout
        assert secret.encode() not in listed.stdout
        assert finish(process).status == 0
    assert filectl


def test_no_option_takes_a_token(filectl: Filectl, secret: str) -> None:
    for command in (["ls"], ["login"], ["upload", "large"], []):
        result = filectl(*command, f"--token={secret}")
        assert result.status == 2
        assert "No such option" in result.err
        assert secret not in result.err


def test_a_traceback_has_no_token(filectl: Filectl, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_with_token(*_: object, **__: object) -> None:
        raise RuntimeError(f"Bearer {os.environ['FILE_LOADER_TOKEN']} or {secret}")

    monkeypatch.setattr(program.filectl.commands["ls"], "callback", fail_with_token)
    monkeypatch.setenv("FILECTL_TRACEBACK", "1")
    monkeypatch.setenv("FILE_LOADER_TOKEN", secret)
    for result in (filectl("ls"), filectl("ls", "--json")):
        assert result.status == 70
        assert "Traceback" in result.err
        assert "Bearer flt_… or flt_…" in result.err
        assert secret not in result.err


def test_an_error_that_repeats_the_token_is_printed_without_it(
    filectl: Filectl, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILE_LOADER_TOKEN", "no-known-form")
    filectl.url = service.url
    service.faults.append(fail(error(400, "bad no-known-form"), "GET", "/api/files/?", times=100))
    for arguments in (["ls"], ["ls", "--json"]):
        assert "no-known-form" not in filectl(*arguments).err


JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flt_Hn3bT0aVx2Y8uQkJ4cR7sLmZ1wPdE6fG0a1B2c", "flt_…"),
        ("'flt_Hn3bT0aVx2Y8' is cut", "'flt_…' is cut"),
        (f"Bearer {JWT}, {JWT[:40]}", "Bearer eyJh…, eyJh…"),
        ("known", "…"),
        ("a_flt_a.txt eyJ.pdf", "a_flt_a.txt eyJ.pdf"),
    ],
)
def test_tokens_are_left_out(text: str, expected: str) -> None:
    assert mask_tokens(text, {"known"}) == expected
