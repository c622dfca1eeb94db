"""`filectl token`, `filectl usage`, and `--owner`."""

from pathlib import Path

import pytest

from tests.client.fake_messages import error
from tests.client.fake_service import FakeService
from tests.client.faults import fail
from tests.filectl.command import Filectl
from tests.filectl.terminal import run_on_terminal, visible_lines


@pytest.fixture
def admin(filectl: Filectl, service: FakeService, monkeypatch: pytest.MonkeyPatch) -> Filectl:
    """The command of an administrator."""
    filectl.url = service.url
    monkeypatch.setenv("FILE_LOADER_TOKEN", service.accounts.issue("root", "admin", "desk"))
    return filectl


def test_only_the_token_is_on_standard_output(admin: Filectl, service: FakeService) -> None:
    created = admin(
        "token", "create", "--name", "ci", "--scope", "read", "--expires-in", "30d", "--owner", "alice"
    )
    [_, secret] = service.accounts.tokens
    assert (created.status, created.out) == (0, f"{secret}\n")
    assert "This is token token-2, 'ci', of alice, with the scope read. It expires 2026-12-2" in created.err
    assert secret not in created.err
    [request] = [each for each in service.requests if each.method == "POST"]
    assert b'"expires_in":2592000' in request.body


def test_json_has_the_token_too(admin: Filectl, service: FakeService) -> None:
    [created] = admin("token", "create", "--name", "ci", "--json").json
    assert (created["token"], created["owner"], created["expires_at"]) == (
        list(service.accounts.tokens)[1],
        "root",
        None,
    )


def test_tokens_are_listed_and_revoked(admin: Filectl) -> None:
    admin("token", "create", "--name", "ci", "--owner", "alice", "--expires-in", "1h")
    line = ["token-2", "valid", "write", "alice", "2026-11-28T05:00:00Z", "2026-12-28T05:00:00Z", "", "ci"]
    [listed, desk] = admin("token", "list").lines
    assert listed == line
    assert desk[3] == "root"
    assert admin("token", "list", "--owner", "alice").lines == [line]
    assert admin("token", "list", "--limit", "1").err.startswith("filectl: These are the first 1 tokens.")
    result = admin("token", "revoke", "token-9", "token-2", "--json")
    assert (result.status, result.json) == (3, [{"id": "token-2", "revoked": True}])
    assert [line[1] for line in admin("token", "list").lines] == ["revoked", "valid"]
    assert [token["name"] for token in admin("token", "list", "--json").json[0]] == ["ci", "desk"]


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("columns", [80, 100])
def test_a_list_of_tokens_fits_into_a_terminal(service: FakeService, columns: int) -> None:
    service.accounts.issue("a" * 100, name="n" * 100, expires_at="2026-01-01T00:00:00Z")
    status, sent = run_on_terminal("token", "list", "--url", service.url, columns=columns)
    assert status == 0
    [title, line, _] = visible_lines(sent)
    assert title.split()[:4] == ["ID", "STATE", "SCOPE", "OWNER"]
    assert ("LAST USED" in title) == (columns == 100)
    assert line.split()[:4] == ["token-2", "expired", "write", "a" * 15 + "…"]
    assert len(line) == columns


@pytest.mark.parametrize("time", ["30", "d", "1.5h", "-1d", "1w", "²d", ""])
def test_a_wrong_time_is_a_usage_error(admin: Filectl, time: str) -> None:
    result = admin("token", "create", "--name", "x", "--expires-in", time)
    assert result.status == 2
    assert "isn't a number with s, m, h or d, such as 90d." in result.err


def test_usage_has_what_is_used_and_left(admin: Filectl, service: FakeService) -> None:
    assert admin("usage").lines[:2] == [["files", "3", "10", "7"], ["bytes", "3000000", "", ""]]
    assert ["allowed_types", "", "image/* application/pdf", ""] in admin("usage").lines
    assert admin("usage", "--owner", "alice", "--json").json[0]["owner"] == "alice"
    status, sent = run_on_terminal("usage", "--url", service.url)
    assert status == 0
    lines = [" ".join(line.split()) for line in visible_lines(sent)]
    assert {"files 3 of 10 (7 left)", "bytes 3.0 MB (no limit)", "requests a minute 600 at most"} <= set(lines)
    assert {"allowed types image/*, application/pdf", "denied types none", "largest file 5.0 GB"} <= set(lines)


def test_every_command_acts_for_an_owner(admin: Filectl, service: FakeService) -> None:
    Path("a").write_bytes(b"x")
    [[file_id, *_]] = admin("upload", "a", "--owner", "Jürgen").lines
    admin("--owner", "Jürgen", "show", file_id)
    admin("whoami", "--owner", "Jürgen")
    owners = {each.headers.get("x-owner") for each in service.requests if each.path.startswith("/api/")}
    assert owners == {"J%C3%BCrgen"}
    assert {each.headers.get("x-owner") for each in service.requests if each.path.startswith("/s3/")} == {None}


def test_an_upload_is_not_continued_for_another_owner(admin: Filectl, service: FakeService) -> None:
    Path("large").write_bytes(bytes(240))
    service.faults.append(fail(error(413, "file_too_large"), "POST", "/api/uploads/.*/complete"))
    assert admin("upload", "large", "--owner", "alice").status == 1
    assert admin("upload", "large", "--owner", "bob").lines[0][0] == "upload-2"
    assert admin("upload", "large", "--owner", "alice").lines[0][0] == "upload-1"


def test_a_quota_ends_the_command(admin: Filectl, service: FakeService) -> None:
    full = error(429, "daily_quota_exceeded")
    full.headers["Retry-After"] = "40000"
    service.faults.append(fail(full, "POST", "/api/uploads", times=100))
    for name in "abcdefgh":
        Path(name).write_bytes(b"x")
    result = admin("upload", *"abcdefgh", "--parallel", "1")
    assert (result.status, result.out) == (4, "")
    assert result.err.splitlines() == [
        "filectl: a: this is daily_quota_exceeded (request r-1)",
        "filectl: 8 of 8 files aren't uploaded. The same command uploads only these.",
    ]
