"""On a full disk only what needs space is refused."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from emulator import storage_check
from emulator.asgi import Event, Receive, Send
from emulator.net import USER_AGENT
from emulator.storage_check import StorageCheck

CREDENTIAL = "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"


async def application(scope: Event, receive: Receive, send: Send) -> None:  # noqa: ARG001  # ASGI's signature
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def respond(check: StorageCheck, method: str, path: str, service: str | None = "s3", **headers: str) -> int:
    """Return the status of the response to a request. `service` is the one it is signed for."""
    all_headers = {"authorization": CREDENTIAL.format(service)} if service else {}
    all_headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in all_headers.items()],
    }
    sent: list[Event] = []

    async def receive() -> Event:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event: Event) -> None:
        sent.append(event)

    asyncio.run(check(scope, receive, send))
    status: int = sent[0]["status"]
    return status


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StorageCheck:
    monkeypatch.setattr(storage_check, "has_room", lambda directory, size: False)  # noqa: ARG005
    return StorageCheck(application, tmp_path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/bucket/key"),
        ("PUT", "/bucket/key?partNumber=1&uploadId=x"),
        ("PUT", "/bucket"),
        ("POST", "/bucket/key?uploads="),
        ("POST", "/bucket/key?uploadId=x"),
        ("POST", "/bucket"),
        ("HEAD", "/bucket"),
        ("HEAD", "/bucket/"),
    ],
)
def test_a_request_that_needs_space_is_refused(check: StorageCheck, method: str, path: str) -> None:
    assert respond(check, method, path) == 507
    presigned = (
        f"{path}{'&' if '?' in path else '?'}X-Amz-Credential=test%2F20261124%2Fus-east-1%2Fs3%2Faws4_request"
    )
    assert respond(check, method, presigned, service=None) == 507
    assert respond(check, method, path, service=None) == 507


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/bucket/key"),
        ("HEAD", "/bucket/key"),
        ("DELETE", "/bucket/key"),
        ("DELETE", "/bucket/key?uploadId=x"),
        ("POST", "/bucket?delete="),
        ("OPTIONS", "/bucket/key"),
    ],
)
def test_a_request_that_needs_no_space_is_passed_on(check: StorageCheck, method: str, path: str) -> None:
    assert respond(check, method, path) == 200


@pytest.mark.parametrize("service", ["sqs", "lambda", "logs", "events"])
def test_other_services_are_never_refused(check: StorageCheck, service: str) -> None:
    assert respond(check, "POST", "/2015-03-31/functions/x/invocations", service) == 200
    assert respond(check, "PUT", "/2015-03-31/functions/x/code", service) == 200
    assert respond(check, "POST", "/", service=None, x_amz_target="AmazonSQS.SendMessage") == 200
    assert respond(check, "POST", "/_ministack/reset", service=None) == 200


def test_the_emulators_own_requests_are_never_refused(check: StorageCheck) -> None:
    assert respond(check, "HEAD", "/bucket", user_agent=f"Boto3/1 {USER_AGENT}") == 200
    assert respond(check, "PUT", "/bucket?cors=", user_agent=f"Boto3/1 {USER_AGENT}") == 200


def test_an_object_that_is_too_large_is_refused_before_it_is_received(
    check: StorageCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_check, "has_room", lambda directory, size: size < 100)  # noqa: ARG005
    assert respond(check, "PUT", "/bucket/key", content_length="99") == 200
    assert respond(check, "PUT", "/bucket/key", content_length="100") == 507


@pytest.mark.parametrize("path", ["/bucket", "/bucket/key", "/bucket/key?partNumber=1&uploadId=x"])
@pytest.mark.parametrize(("size", "status"), [(5 * 1024**3, 200), (5 * 1024**3 + 1, 400)])
def test_no_request_has_more_than_5_gib(tmp_path: Path, path: str, size: int, status: int) -> None:
    check = StorageCheck(application, tmp_path)
    assert respond(check, "PUT", path, content_length=str(size)) == status
