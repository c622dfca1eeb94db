"""Requests to S3 fail as configured, and no others."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config

from chaos import faulty_s3
from chaos.fault_log import FaultLog, read_faults
from chaos.faulty_s3 import MODES, FaultyS3, S3FaultConfig, draw_mode, is_s3_request
from chaos.spec import Spec
from emulator.net import USER_AGENT
from emulator.request_filter import RequestFilter
from tests.fault_counts import count_faults

SIGNED = [
    (
        b"authorization",
        b"AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
    )
]


class Sent(Exception):  # noqa: N818  # carries the request instead of sending it
    """A request that boto3 was about to send."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self.scope = scope


def scope_of(service: Any, operation: str, agent: str | None = None, **arguments: Any) -> dict[str, Any]:
    """Return the ASGI scope of what boto3 sends for an operation."""
    client = boto3.client(service, endpoint_url="http://127.0.0.1:1", config=Config(user_agent_extra=agent))

    def catch(request: AWSPreparedRequest, **_: Any) -> None:
        headers = [
            (name.lower().encode(), value if isinstance(value, bytes) else str(value).encode("latin-1"))
            for name, value in request.headers.items()
        ]
        address = urlsplit(request.url)
        raise Sent({"headers": headers, "query_string": address.query.encode(), "path": address.path})

    client.meta.events.register("before-send", catch)
    with pytest.raises(Sent) as sent:
        getattr(client, operation)(**arguments)
    return sent.value.scope


class TestIsS3Request:
    def test_signed_request_is_for_s3(self) -> None:
        assert is_s3_request(scope_of("s3", "put_object", Bucket="b", Key="k", Body=b""))

    def test_presigned_url_is_for_s3(self) -> None:
        s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
        assert is_s3_request({"headers": [], "query_string": urlsplit(url).query.encode()})

    def test_browser_form_is_for_s3(self) -> None:
        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        assert is_s3_request({"headers": headers, "query_string": b""})

    def test_other_services_requests_are_not_for_s3(self) -> None:
        assert not is_s3_request(scope_of("sqs", "get_queue_url", QueueName="q"))
        assert not is_s3_request(scope_of("lambda", "list_functions"))
        assert not is_s3_request({"headers": [], "query_string": b""})

    def test_emulators_own_requests_never_fail(self) -> None:
        assert not is_s3_request(scope_of("s3", "head_bucket", USER_AGENT, Bucket="b"))


class S3:
    """A FaultyS3 around an application that counts what reaches it."""

    def __init__(self, directory: Path) -> None:
        self.config_path = directory / "config"
        self.log_path = directory / "chaos.jsonl"
        self.log_path.touch()
        self.bodies: list[bytes] = []
        self.faulty = FaultyS3(
            self._application, Spec(seed=7).random("s3"), self.config_path, FaultLog(self.log_path)
        )

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002  # it's ASGI's
        self.bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    def request(self, method: str = "PUT", headers: Any = SIGNED, query: bytes = b"") -> tuple[int, bytes]:
        """Send a request in two chunks, and return the response's status and body."""
        chunks = [{"body": b"one", "more_body": True}, {"body": b"two", "more_body": False}]
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", **chunks.pop(0)}

        async def send(event: Any) -> None:
            sent.append(event)

        scope = {"type": "http", "method": method, "path": "/b/k", "query_string": query, "headers": headers}
        asyncio.run(self.faulty(scope, receive, send))
        [start, body] = sent
        return start["status"], body["body"]


@pytest.fixture
def s3(tmp_path: Path) -> S3:
    return S3(tmp_path)


class TestFaultyS3:
    def test_nothing_fails_without_configuration(self, s3: S3) -> None:
        assert {s3.request() for _ in range(200)} == {(200, b"done")}
        assert count_faults(s3.log_path) == {}

    def test_every_mode_happens_and_is_logged(self, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(faulty_s3, "SLOW_SECONDS", (0.001, 0.002))
        S3FaultConfig(rate=1).write(s3.config_path)
        statuses = Counter(s3.request()[0] for _ in range(100))
        modes = Counter(fault["mode"] for fault in read_faults(s3.log_path))
        assert set(modes) == set(MODES)
        assert statuses == {
            200: modes["slow"],
            500: modes["500"] + modes["500 after success"],
            503: modes["503"],
        }
        assert len(s3.bodies) == modes["slow"] + modes["500 after success"]

    def test_the_error_of_a_completion_comes_with_status_200(
        self, s3: S3, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(faulty_s3, "SLOW_SECONDS", (0.001, 0.002))
        S3FaultConfig(rate=1).write(s3.config_path)
        responses = [s3.request("POST", query=b"uploadId=u") for _ in range(100)]
        modes = Counter(fault["mode"] for fault in read_faults(s3.log_path))
        errors = [status for status, body in responses if b"<Code>InternalError</Code>" in body]
        assert errors == [200] * (modes["500"] + modes["500 after success"])

    def test_error_has_the_shape_of_s3s(self, s3: S3) -> None:
        S3FaultConfig(outage_until=time.time() + 60).write(s3.config_path)
        status, body = s3.request()
        assert (status, ElementTree.fromstring(body).findtext("Code")) == (503, "SlowDown")  # noqa: S314  # ours
        assert s3.request("HEAD") == (503, b"")

    def test_outage_ends_at_its_time(self, s3: S3) -> None:
        S3FaultConfig(outage_until=time.time() - 0.001).write(s3.config_path)
        assert s3.request() == (200, b"done")
        assert count_faults(s3.log_path) == {}

    def test_requests_to_other_services_do_not_fail(self, s3: S3) -> None:
        S3FaultConfig(rate=1, outage_until=time.time() + 60).write(s3.config_path)
        assert s3.request(headers=[]) == (200, b"done")
        assert count_faults(s3.log_path) == {}


def test_s3_faults_have_their_rate_and_are_repeatable_from_the_seed() -> None:
    one, other, third = (Spec(seed=seed).random("s3") for seed in (7, 7, 8))
    modes = [draw_mode(one, 0.1) for _ in range(10_000)]
    assert modes == [draw_mode(other, 0.1) for _ in range(10_000)]
    assert modes != [draw_mode(third, 0.1) for _ in range(10_000)]
    assert len(modes) - modes.count(None) == pytest.approx(1000, rel=0.15)


def test_web_pages_are_refused_as_without_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faulty_s3, "import_ministack", lambda: None)
    monkeypatch.setenv(faulty_s3.DIRECTORY_VARIABLE, str(tmp_path))
    monkeypatch.setenv(faulty_s3.SPEC_VARIABLE, "s3=0.1")
    (tmp_path / "chaos.jsonl").touch()
    assert isinstance(faulty_s3.create_application(), RequestFilter)
