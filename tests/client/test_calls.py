"""Calls of the Python client about files, and what it does with odd responses."""

import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from file_loader_client import (
    Client,
    InvalidResponseError,
    Progress,
    ServiceError,
    UnreachableError,
    VerificationError,
    WaitTimeoutError,
    connections,
)
from tests.client.fake_messages import Reply, error, reply
from tests.client.fake_service import FakeService, skip_backoff
from tests.client.faults import fail, lose_response

CONTENT = bytes(range(250)) * 4000
"""1 MB, which is read in several blocks."""


@pytest.fixture
def file_id(client: Client, service: FakeService) -> str:
    service.threshold = len(CONTENT)
    return client.upload(CONTENT, name="a.bin").id


def test_a_download_is_written_to_the_target(client: Client, file_id: str, tmp_path: Path) -> None:
    seen: list[Progress] = []
    assert client.download(file_id, tmp_path / "b.bin", progress=seen.append) == tmp_path / "b.bin"
    assert (tmp_path / "b.bin").read_bytes() == CONTENT
    assert client.download(file_id, tmp_path) == tmp_path / "a.bin"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin", "b.bin"]
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (0, len(CONTENT), len(CONTENT))


def test_an_empty_file_is_downloaded(client: Client, tmp_path: Path) -> None:
    file = client.upload(b"", name="empty")
    assert client.download(file.id, tmp_path).read_bytes() == b""


@pytest.mark.parametrize(("name", "expected"), [("../../b", "b"), ("c\\d", "d"), ("..", "upload-1")])
def test_a_name_does_not_lead_out_of_the_directory(
    client: Client, tmp_path: Path, name: str, expected: str
) -> None:
    file = client.upload(b"bytes", name=name)
    assert client.download(file.id, tmp_path) == tmp_path / expected


def test_a_download_that_breaks_off_is_continued(
    client: Client, service: FakeService, file_id: str, tmp_path: Path
) -> None:
    short = Reply(200, CONTENT[:400_000], {"Content-Length": str(len(CONTENT))})
    service.faults.append(fail(short, "GET", "/s3/.*"))
    assert client.download(file_id, tmp_path).read_bytes() == CONTENT
    ranges = [each.headers.get("range") for each in service.requests if each.path.startswith("/s3/")]
    assert ranges == [None, None, "bytes=400000-"]  # the first one is the upload


def test_a_download_continues_what_an_earlier_call_began(
    client: Client, service: FakeService, file_id: str, tmp_path: Path
) -> None:
    (tmp_path / f".{file_id}.part").write_bytes(CONTENT[:500_000])
    assert client.download(file_id, tmp_path).read_bytes() == CONTENT
    assert service.requests[-1].headers["range"] == "bytes=500000-"


@pytest.mark.parametrize("rest", [b"other bytes", bytes(len(CONTENT)), bytes(len(CONTENT) + 1)])
def test_a_download_begins_anew_after_other_bytes(
    client: Client, file_id: str, tmp_path: Path, rest: bytes
) -> None:
    (tmp_path / f".{file_id}.part").write_bytes(rest)
    assert client.download(file_id, tmp_path).read_bytes() == CONTENT


def test_wrong_bytes_are_not_left_at_the_target(
    client: Client, service: FakeService, file_id: str, tmp_path: Path
) -> None:
    (tmp_path / "a.bin").write_bytes(b"before")
    service.faults.append(fail(Reply(200, bytes(len(CONTENT))), "GET", "/s3/.*"))
    with pytest.raises(VerificationError, match="another checksum"):
        client.download(file_id, tmp_path)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.bin", b"before")]


def test_a_refused_download_leaves_nothing(
    client: Client, service: FakeService, file_id: str, tmp_path: Path
) -> None:
    service.faults.append(fail(error(409, "not_uploaded"), "GET", ".*/content"))
    with pytest.raises(ServiceError, match="not_uploaded"):
        client.download(file_id, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_repeated_delete_that_finds_nothing_is_no_error(client: Client, service: FakeService) -> None:
    upload = client.create_upload("a.bin", 1000)
    service.faults.append(lose_response("DELETE", ".*"))
    client.abort_upload(upload.id)
    assert service.count("DELETE", ".*") == 2
    with pytest.raises(ServiceError, match="404"):
        client.abort_upload(upload.id)


def test_retry_after_is_honoured(
    client: Client, service: FakeService, file_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    busy = error(503, "database_unavailable")
    busy.headers["Retry-After"] = "7"
    service.faults.append(fail(busy, "GET", "/api/files/.*", times=2))
    client.file(file_id)
    assert pauses.count(7) == 2


def test_attempts_end(client: Client, service: FakeService, file_id: str) -> None:
    service.faults.append(fail(error(503, "database_unavailable"), "GET", "/api/files/.*", times=1000))
    service.requests.clear()
    with pytest.raises(ServiceError, match="database_unavailable"):
        client.file(file_id)
    assert len(service.requests) == 1 + (connections.SERVICE_RETRIES.total or 0)


def test_wait_ends_with_the_file_as_it_is(client: Client, file_id: str) -> None:
    with pytest.raises(WaitTimeoutError, match=r"still uploaded after 0\.1 s") as caught:
        client.wait(file_id, timeout=0.1)
    assert caught.value.file.status == "uploaded"


def test_wait_polls_with_the_version_that_it_has(client: Client, service: FakeService, file_id: str) -> None:
    file = service._file(service.uploads[file_id])
    first = fail(reply(200, file), "GET", "/api/files/.*")
    service.faults.append(lambda request: first(request) or reply(200, {**file, "status": "failed"}))
    assert client.wait(file_id, timeout=30).status == "failed"
    assert service.requests[-1].query == {"wait": "20", "since": "1"}


def test_wait_pauses_when_as_many_wait_as_may(
    client: Client, service: FakeService, file_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    file = service._file(service.uploads[file_id])
    refused = reply(200, file)
    refused.headers["Retry-After"] = "2"
    first = fail(refused, "GET", "/api/files/.*", times=3)
    service.faults.append(lambda request: first(request) or reply(200, {**file, "status": "processed"}))
    assert client.wait(file_id).status == "processed"
    assert pauses.count(2) == 2  # the first request isn't one that waits


@pytest.mark.parametrize(
    "other",
    [
        Reply(200, b"<html>", {"Content-Type": "text/html"}),
        Reply(200, b"{}", {"Content-Type": "application/json"}),
        Reply(301, b"", {"Location": "https://elsewhere.example/api/files"}),
    ],
)
def test_another_server_is_named(client: Client, service: FakeService, other: Reply) -> None:
    service.faults.append(fail(other, "GET", ".*"))
    with pytest.raises(InvalidResponseError, match=rf"{service.url} isn't.* with {other.status}"):
        client.file("x")


def test_an_error_of_a_gateway_has_its_message(client: Client, service: FakeService) -> None:
    service.faults.append(fail(reply(403, {"message": "Forbidden"}), "GET", ".*"))
    with pytest.raises(ServiceError, match="Forbidden") as caught:
        client.file("x")
    assert (caught.value.status, caught.value.code) == (403, "unknown")


def test_a_proxy_of_the_environment_is_used(service: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", service.url)
    with Client("http://files.example") as client, pytest.raises(ServiceError, match="404"):
        client.file("x")
    assert service.requests[-1].headers["host"] == "files.example"


def test_an_id_is_one_segment_of_the_path(client: Client, service: FakeService) -> None:
    with pytest.raises(ServiceError):
        client.file("../uploads?x")
    assert service.requests[-1].path == "/api/files/..%2Fuploads%3Fx"


@pytest.mark.parametrize("token", ["first\nsecond", "tök€n"])
def test_a_token_that_no_header_can_have_is_refused_without_it(token: str) -> None:
    with pytest.raises(ValueError, match="isn't ASCII") as caught:
        Client("http://service", token)
    assert token not in str(caught.value)


def test_a_silent_service_is_given_up_after_three_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    skip_backoff(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with (
            Client(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.02) as client,
            pytest.raises(UnreachableError, match="Read timed out"),
        ):
            client.file("a")
        silent.setblocking(False)
        attempts = 0
        with suppress(BlockingIOError):
            while True:
                silent.accept()[0].close()
                attempts += 1
    assert attempts == 3


@pytest.mark.parametrize("status", [404, 501])
def test_an_error_page_of_another_server_is_told_from_one_of_the_service(
    client: Client, service: FakeService, status: int
) -> None:
    service.faults.append(fail(Reply(status, b"<title>Error</title>"), "GET", ".*"))
    with pytest.raises(InvalidResponseError, match=f"isn't a file-loader service: it responds with {status}"):
        client.file("a")
