"""`filectl` and the Python client at a service that requires tokens."""

import json
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest

from file_loader_client import AuthenticationError, Client, PermissionDeniedError, Phase, Progress, Upload
from tests.acceptance.emulator_process import ProtectedEmulator
from tests.filectl.command import Filectl, Result, finish, start
from tests.filectl.conftest import filectl, user

__all__ = ["filectl", "user"]

MIB = 1024 * 1024
MULTIPART_BYTES = 65 * MIB + 1
"""Above MULTIPART_THRESHOLD_BYTES: five parts of at least 16 MiB."""

LogIn = Callable[[str], Result]


@pytest.fixture
def url(protected_emulator: ProtectedEmulator) -> str:
    return protected_emulator.emulator.url


@pytest.fixture
def admin(protected_emulator: ProtectedEmulator) -> Iterator[Client]:
    with Client(protected_emulator.emulator.url, protected_emulator.token) as client:
        yield client


@pytest.fixture
def owner() -> str:
    """The name of an owner without files."""
    return f"Jürgen {uuid4().hex[:8]}"


@pytest.fixture
def log_in(filectl: Filectl, url: str, monkeypatch: pytest.MonkeyPatch) -> LogIn:
    def log_in(token: str) -> Result:
        monkeypatch.setattr(sys, "stdin", StringIO(f"{token}\n"))
        return filectl("login", url, "--token-stdin")

    return log_in


@pytest.mark.slow(6)
def test_an_owner_logs_in_uploads_lists_and_watches(
    filectl: Filectl, log_in: LogIn, admin: Client, owner: str, url: str
) -> None:
    assert filectl("ls", "--url", url).err.startswith(
        f"filectl: The service needs a token. Run: filectl login {url}"
    )
    token = admin.create_token("laptop", owner=owner)
    assert log_in(token.token[:-1] + "-").status == 4
    result = log_in(token.token)
    assert (result.status, dict(result.lines)["owner"]) == (0, owner)
    assert filectl("whoami").out == result.out

    with Path("film.mp4").open("wb") as film:
        film.truncate(MULTIPART_BYTES)
    [[file_id, status, size, _]] = filectl("upload", "film.mp4", "--wait").lines
    assert (status, size) == ("processed", str(MULTIPART_BYTES))
    assert [line[0] for line in filectl("ls").lines] == [file_id]
    assert [line[0] for line in filectl("ls", "-q", "film").lines] == [file_id]
    assert dict(filectl("show", file_id).lines)["owner"] == owner
    used = {line[0]: line[1] for line in filectl("usage").lines}
    assert (used["files"], used["bytes"]) == ("1", str(MULTIPART_BYTES))
    assert filectl("ls", "--owner", "somebody-else").status == 4

    watch = start("watch", "--since", "0", "--json")
    assert watch.stdout is not None
    changes: list[dict[str, object]] = []
    while not changes or changes[-1]["type"] != "finished":
        changes.append(json.loads(watch.stdout.readline()))
    assert {change["id"] for change in changes} == {file_id}
    watch.terminate()
    assert finish(watch).status == 143
    assert filectl("rm", file_id).status == 0
    assert filectl("logout").status == 0
    assert filectl("ls").status == 4


def test_tokens_are_created_and_revoked(filectl: Filectl, log_in: LogIn, admin: Client, owner: str) -> None:
    log_in(admin.create_token("laptop", owner=owner).token)
    created = filectl("token", "create", "--name", "backup", "--scope", "read", "--expires-in", "90d")
    secret = created.out.strip()
    [backup, laptop] = filectl("token", "list").lines
    assert (backup[1:4], backup[7], laptop[7]) == (["valid", "read", owner], "backup", "laptop")
    assert filectl("token", "create", "--name", "x", "--scope", "admin").status == 4
    assert filectl("token", "create", "--name", "x", "--owner", "somebody-else").status == 4

    log_in(secret)
    Path("a").write_bytes(b"x")
    refused = filectl("upload", "a")
    assert (refused.status, refused.lines) == (4, [])
    assert filectl("ls").status == 0

    log_in(admin.create_token("desk", owner=owner).token)
    assert filectl("token", "revoke", backup[0]).status == 0
    assert {line[7]: line[1] for line in filectl("token", "list").lines} == {
        "desk": "valid",
        "backup": "revoked",
        "laptop": "valid",
    }
    assert "The token was revoked." in log_in(secret).err


def test_an_administrator_acts_for_an_owner(
    filectl: Filectl, log_in: LogIn, protected_emulator: ProtectedEmulator, owner: str
) -> None:
    log_in(protected_emulator.token)
    Path("a").write_bytes(b"x")
    [[file_id, *_]] = filectl("upload", "a", "--owner", owner).lines
    assert [line[0] for line in filectl("ls", "--owner", owner).lines] == [file_id]
    assert filectl("ls", "--owner", "somebody-else").lines == []
    assert dict(filectl("show", file_id).lines)["owner"] == owner
    [secret] = filectl("token", "create", "--name", "laptop", "--owner", owner).lines
    log_in(secret[0])
    assert filectl("rm", file_id).status == 0


def test_an_upload_goes_on_with_another_token_and_sends_no_part_again(
    admin: Client, url: str, owner: str, tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as film:
        film.truncate(MULTIPART_BYTES)
    first = admin.create_token("first", owner=owner)
    created: list[Upload] = []
    sent: list[Progress] = []

    def revoke(progress: Progress) -> None:
        if progress.phase is Phase.UPLOAD and progress.done:
            if not sent:
                admin.revoke_token(first.id)
            sent.append(progress)

    with Client(url, first.token) as client, pytest.raises(AuthenticationError) as caught:
        client.upload(path, on_create=created.append, progress=revoke)
    assert caught.value.code == "token_revoked"
    seen: list[Progress] = []
    with Client(url, admin.create_token("second", owner=owner).token) as client:
        file = client.upload(path, resume=created[0].id, progress=seen.append)
        assert (file.id, file.size, file.owner) == (created[0].id, MULTIPART_BYTES, owner)
        assert next(each.resumed for each in seen if each.phase is Phase.UPLOAD) == MULTIPART_BYTES
        client.delete(file.id)


def test_a_client_without_the_scope_is_refused(admin: Client, url: str, owner: str) -> None:
    with Client(url, admin.create_token("reader", owner=owner, scopes=["read"]).token) as client:
        assert list(client.files()) == []
        with pytest.raises(PermissionDeniedError) as caught:
            client.upload(b"x", name="x")
        assert caught.value.code == "insufficient_scope"
