"""An S3 that fails as ordered, and everything else that doesn't."""

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
from chaos.fault_log import Record, counts, faults
from chaos.faulty_s3 import WAYS, FaultyS3, decide, is_for_s3
from chaos.s3_fault_config import Orders
from chaos.spec import Spec
from emulator.ministack import USER_AGENT

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


class TestRecognising:
    def test_s3s_requests(self) -> None:
        assert is_for_s3(scope_of("s3", "put_object", Bucket="b", Key="k", Body=b""))

    def test_presigned_ones(self) -> None:
        s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
        assert is_for_s3({"headers": [], "query_string": urlsplit(url).query.encode()})

    def test_a_browsers_form(self) -> None:
        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        assert is_for_s3({"headers": headers, "query_string": b""})

    def test_no_others(self) -> None:
        assert not is_for_s3(scope_of("sqs", "get_queue_url", QueueName="q"))
        assert not is_for_s3(scope_of("lambda", "list_functions"))
        assert not is_for_s3({"headers": [], "query_string": b""})

    def test_not_the_emulators_own(self) -> None:
        assert not is_for_s3(scope_of("s3", "head_bucket", USER_AGENT, Bucket="b"))


class S3:
    """A FaultyS3 around an application that counts what reaches it."""

    def __init__(self, directory: Path) -> None:
        self.orders = directory / "orders"
        self.path = directory / "chaos.jsonl"
        self.path.touch()
        self.bodies: list[bytes] = []
        self.faulty = FaultyS3(self._application, Spec(seed=7).random("s3"), self.orders, Record(self.path))

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002  # it's ASGI's
        self.bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    def ask(self, method: str = "PUT", headers: Any = SIGNED) -> tuple[int, bytes]:
        """Send a request in two chunks, and return the answer's status and body."""
        chunks = [{"body": b"one", "more_body": True}, {"body": b"two", "more_body": False}]
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", **chunks.pop(0)}

        async def send(event: Any) -> None:
            sent.append(event)

        scope = {"type": "http", "method": method, "path": "/b/k", "query_string": b"", "headers": headers}
        asyncio.run(self.faulty(scope, receive, send))
        [start, body] = sent
        return start["status"], body["body"]


@pytest.fixture
def s3(tmp_path: Path) -> S3:
    return S3(tmp_path)


class TestFailing:
    def test_without_orders_nothing_fails(self, s3: S3) -> None:
        assert {s3.ask() for _ in range(200)} == {(200, b"done")}
        assert counts(s3.path) == {}

    def test_each_way_as_ordered(self, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(faulty_s3, "SLOW_SECONDS", (0.001, 0.002))
        Orders(rate=1).write(s3.orders)
        answers = Counter(s3.ask()[0] for _ in range(100))
        ways = Counter(fault["way"] for fault in faults(s3.path))
        assert set(ways) == set(WAYS)
        assert answers == {
            200: ways["slow"],
            500: ways["500"] + ways["500 though done"],
            503: ways["503"],
        }
        assert len(s3.bodies) == ways["slow"] + ways["500 though done"]

    def test_errors_look_like_s3s(self, s3: S3) -> None:
        Orders(outage_until=time.time() + 60).write(s3.orders)
        status, body = s3.ask()
        assert (status, ElementTree.fromstring(body).findtext("Code")) == (503, "SlowDown")  # noqa: S314  # ours
        assert s3.ask("HEAD") == (503, b"")

    def test_an_outage_ends_by_itself(self, s3: S3) -> None:
        Orders(outage_until=time.time() - 0.001).write(s3.orders)
        assert s3.ask() == (200, b"done")
        assert counts(s3.path) == {}

    def test_others_do_not_fail(self, s3: S3) -> None:
        Orders(rate=1, outage_until=time.time() + 60).write(s3.orders)
        assert s3.ask(headers=[]) == (200, b"done")
        assert counts(s3.path) == {}


def test_the_rate_holds_and_the_seed_decides() -> None:
    one, other, third = (Spec(seed=seed).random("s3") for seed in (7, 7, 8))
    decided = [decide(one, 0.1) for _ in range(10_000)]
    assert decided == [decide(other, 0.1) for _ in range(10_000)]
    assert decided != [decide(third, 0.1) for _ in range(10_000)]
    assert len(decided) - decided.count(None) == pytest.approx(1000, rel=0.15)
