"""Requests without boto3: connections, attempts, time limits and errors."""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from chalicelib.adapters.s3 import S3Storage, signed_requests, timeouts
from chalicelib.adapters.s3.timeouts import Timeouts
from chalicelib.core.errors import (
    INSUFFICIENT_STORAGE,
    STORAGE_UNAVAILABLE,
    ErrorKind,
    ObjectChangedError,
    ObjectMissingError,
    ServiceError,
)
from tests.samples import checksum
from tests.unit.scripted_s3 import KEY, Handler, ScriptedS3, put, refuse_at_once, stored


def refuse(status: int, code: str) -> Callable[[Handler], None]:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>".encode()
    return lambda handler: handler.reply(status, body)


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def end_early(handler: Handler) -> None:
    handler.reply(206, b"012", Content_Length="10", Content_Range="bytes 0-9/10", ETag='"e"')
    handler.close_connection = True


def part(handler: Handler) -> None:
    handler.reply(206, b"0123456789", Content_Range="bytes 0-9/10", ETag='"e"')


@pytest.fixture
def s3() -> Iterator[ScriptedS3]:
    with ScriptedS3().run() as server:
        yield server


@pytest.fixture
def storage(s3: ScriptedS3, monkeypatch: pytest.MonkeyPatch) -> S3Storage:
    monkeypatch.setattr(signed_requests, "MAX_PAUSE", 0)
    return S3Storage("bucket", f"http://127.0.0.1:{s3.server_address[1]}")


def read_all(storage: S3Storage) -> bytes:
    return storage.read(KEY, 0, 10).data


class TestConnections:
    """When a connection is used again."""

    def test_one_after_another_share_one(self, s3: ScriptedS3, storage: S3Storage) -> None:
        for _ in range(3):
            put(storage)
        storage.delete(KEY)
        assert s3.connections == 1

    def test_none_is_opened_before_a_request(self, s3: ScriptedS3, storage: S3Storage) -> None:
        """The emulator forks processes after this: a connection would be shared by all of them."""
        storage.warm_up()
        assert s3.connections == 0

    def test_requests_at_once_have_their_own(self, s3: ScriptedS3, storage: S3Storage) -> None:
        barrier = Barrier(8)

        def wait(handler: Handler) -> None:
            barrier.wait(timeout=10)
            stored(handler)

        s3.script = [wait]
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda _: put(storage), range(8))) == ["e"] * 8
        assert s3.connections == 8

    def test_one_that_s3_closed_is_noticed(self, s3: ScriptedS3, storage: S3Storage) -> None:
        def close_afterwards(handler: Handler) -> None:
            stored(handler)
            handler.close_connection = True

        s3.script = [close_afterwards]
        for _ in range(3):
            put(storage)
        assert len(s3.requests) == 3, "none of them is sent twice"
        assert s3.connections == 3

    def test_one_that_breaks_is_replaced_at_once(
        self, s3: ScriptedS3, storage: S3Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """S3 may close it while the request is on its way. Waiting wouldn't help."""
        monkeypatch.setattr("chalicelib.adapters.s3.signed_requests.time.sleep", lambda _: pytest.fail("waited"))
        put(storage)
        s3.script = [hang_up, stored]
        assert put(storage) == "e"
        assert (len(s3.requests), s3.connections) == (3, 2)


class TestAttempts:
    """What is repeated, and how often."""

    @pytest.mark.parametrize(
        "failure",
        [
            hang_up,
            refuse(500, "InternalError"),
            refuse(502, "BadGateway"),
            refuse(503, "SlowDown"),
            refuse(503, "ServiceUnavailable"),
            refuse(504, "GatewayTimeout"),
            refuse(400, "RequestTimeout"),
        ],
    )
    def test_failures_are_repeated_once(
        self, failure: Callable[[Handler], None], s3: ScriptedS3, storage: S3Storage
    ) -> None:
        s3.script = [failure, stored]
        assert put(storage) == "e"
        s3.requests.clear()
        storage._requests._pool.close_idle()
        s3.script = [failure]
        with pytest.raises(ServiceError) as caught:
            put(storage)
        assert caught.value.kind is STORAGE_UNAVAILABLE
        assert len(s3.requests) == 2
        assert s3.requests[0][3] == s3.requests[1][3] == b"0123456789"

    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (403, "AccessDenied", STORAGE_UNAVAILABLE),
            (404, "NoSuchBucket", STORAGE_UNAVAILABLE),
            (400, "BadDigest", STORAGE_UNAVAILABLE),
            (400, "ExpiredToken", STORAGE_UNAVAILABLE),
            (301, "PermanentRedirect", STORAGE_UNAVAILABLE),
            (507, "InsufficientStorage", INSUFFICIENT_STORAGE),
        ],
    )
    def test_refusals_are_not_repeated(
        self,
        status: int,
        code: str,
        kind: ErrorKind,
        s3: ScriptedS3,
        storage: S3Storage,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        s3.script = [refuse(status, code)]
        with pytest.raises(ServiceError) as caught:
            put(storage)
        assert caught.value.kind is kind
        assert len(s3.requests) == 1
        assert (f"S3 refused PutObject: {code}" in caplog.messages) == (kind is STORAGE_UNAVAILABLE)
        assert "a b" not in caplog.text

    def test_response_that_ends_early_is_repeated(self, s3: ScriptedS3, storage: S3Storage) -> None:
        s3.script = [end_early, part]
        assert storage.read(KEY, 0, 10).data == b"0123456789"
        s3.script = [end_early]
        with pytest.raises(ServiceError) as caught:
            storage.read(KEY, 0, 10)
        assert caught.value.kind is STORAGE_UNAVAILABLE

    def test_a_response_that_comes_before_the_body_was_read_counts(
        self, s3: ScriptedS3, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Handler, "do_PUT", refuse_at_once)
        storage = S3Storage("bucket", f"http://localhost:{s3.server_port}")
        for _ in range(10):
            with pytest.raises(ServiceError) as caught:
                storage.put(KEY, bytes(8 * 1024**2), "a/b")
            assert caught.value.kind is INSUFFICIENT_STORAGE

    def test_health_checks_are_not_repeated(self, s3: ScriptedS3, storage: S3Storage) -> None:
        s3.script = [refuse(503, "SlowDown")]
        with pytest.raises(ServiceError):
            storage.check()
        assert len(s3.requests) == 1

    def test_silence_is_a_failure(self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        monkeypatch.setattr(signed_requests, "MAX_PAUSE", 0)
        monkeypatch.setattr(timeouts, "OF_REQUESTS", Timeouts(connect=1, read=0.05))
        with socket.create_server(("127.0.0.1", 0)) as silent:
            storage = S3Storage("bucket", f"http://127.0.0.1:{silent.getsockname()[1]}")
            with pytest.raises(ServiceError):
                storage.delete(KEY)
        assert caplog.messages == ["S3 doesn't respond: TimeoutError"]

    def test_pauses_are_random_and_short(
        self, s3: ScriptedS3, storage: S3Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pauses: list[float] = []
        monkeypatch.setattr(signed_requests, "MAX_PAUSE", 1)
        monkeypatch.setattr("chalicelib.adapters.s3.signed_requests.time.sleep", pauses.append)
        s3.script = [refuse(503, "SlowDown"), stored] * 5 + [stored]
        for _ in range(5):
            put(storage)
        assert len(set(pauses)) == 5
        assert all(0 <= pause <= 1 for pause in pauses)


class TestRequests:
    """What is sent."""

    def test_put_is_one_message_that_is_signed_with_its_checksum(self, s3: ScriptedS3, storage: S3Storage) -> None:
        put(storage)
        [(method, path, headers, body)] = s3.requests
        assert (method, path, body) == ("PUT", "/bucket/uploads/1/a%20b.txt", b"0123456789")
        assert headers["x-amz-content-sha256"] == checksum(b"0123456789").value
        assert headers["x-amz-checksum-sha256"] == "hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII="
        assert headers["content-length"] == "10"
        assert "expect" not in headers, "it would wait for S3 to say that it may go on"
        assert "x-amz-checksum-sha256" in headers["authorization"]

    def test_put_without_a_checksum_has_one_nevertheless(self, s3: ScriptedS3, storage: S3Storage) -> None:
        storage.put(KEY, b"", "a/b")
        [(_, _, headers, _)] = s3.requests
        assert headers["x-amz-content-sha256"] == checksum(b"").value
        assert headers["content-length"] == "0"

    def test_errors_of_objects(self, s3: ScriptedS3, storage: S3Storage) -> None:
        s3.script = [refuse(404, "NoSuchKey")]
        with pytest.raises(ObjectMissingError):
            storage.read(KEY, 0, 1)
        for status, code in ((412, "PreconditionFailed"), (416, "InvalidRange")):
            s3.script = [refuse(status, code)]
            with pytest.raises(ObjectChangedError):
                storage.read(KEY, 0, 1)
        s3.script = [refuse(404, "NoSuchBucket")]
        with pytest.raises(ServiceError):
            storage.read(KEY, 0, 1)

    def test_without_credentials_no_request_is_made(
        self,
        s3: ScriptedS3,
        storage: S3Storage,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        with pytest.raises(ServiceError):
            put(storage)
        assert caplog.messages == ["no request to S3 can be signed: MissingCredentialsError"]
        assert s3.requests == []

    @pytest.mark.parametrize("token", ["secret\r", "secret€"])
    def test_token_that_no_header_can_have_is_in_no_log(
        self,
        token: str,
        s3: ScriptedS3,
        storage: S3Storage,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """As from a file of variables whose lines end as on Windows."""
        monkeypatch.setenv("AWS_SESSION_TOKEN", token)
        with pytest.raises(ServiceError):
            put(storage)
        assert "unsendable header" in caplog.text
        assert "secret" not in caplog.text
        assert s3.requests == []


def respond(status: int, body: bytes = b"", **headers: str) -> Callable[[Handler], None]:
    return lambda handler: handler.reply(status, body, **headers)


def end_without_a_length(handler: Handler) -> None:
    handler.wfile.write(b'HTTP/1.0 206 OK\r\nETag: "e"\r\nContent-Range: bytes 0-9/10\r\n\r\n012')
    handler.close_connection = True


class TestMalformedResponses:
    """As those of a proxy, or of a server that is not S3: outages, never taken for what they aren't."""

    @pytest.mark.parametrize(
        ("response", "send", "reason"),
        [
            (respond(200), put, "malformed response, no etag"),
            (respond(200, b"0123456789"), read_all, "malformed response, no content-range"),
            (respond(206, Content_Range="bytes */10"), read_all, "malformed response, its content-range"),
            (respond(206, b"012", Content_Range="bytes 0-9/10"), read_all, "truncated response"),
            (end_without_a_length, read_all, "truncated response"),
            (respond(200), lambda storage: storage.head(KEY), "malformed response, no etag"),
            (
                respond(200, b"<html/>"),
                lambda storage: storage.list("", ""),
                "malformed response, no ListBucketResult",
            ),
            (respond(200, b"<html/>"), lambda storage: storage.tags(KEY), "malformed response, no Tagging"),
            (respond(200, b"<!DOCTYPE html><html/>"), lambda storage: storage.list("", ""), "DTDForbidden"),
            (
                respond(200, b"<?xml version='1.0' encoding='none'?><Tagging/>"),
                lambda storage: storage.tags(KEY),
                "LookupError",
            ),
        ],
    )
    def test_is_an_outage(
        self,
        response: Callable[[Handler], None],
        send: Callable[[S3Storage], Any],
        reason: str,
        s3: ScriptedS3,
        storage: S3Storage,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        s3.script = [response]
        with pytest.raises(ServiceError) as caught:
            send(storage)
        assert caught.value.kind is STORAGE_UNAVAILABLE
        assert caplog.messages == [f"S3 doesn't respond: {reason}"]


class TestDocuments:
    """Responses that are XML."""

    def test_list_without_objects(self, s3: ScriptedS3, storage: S3Storage) -> None:
        s3.script = [
            lambda handler: handler.reply(
                200, b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
            )
        ]
        page = storage.list("uploads/ü", "uploads/ü/+")
        assert (page.objects, page.has_more) == ([], False)
        [(method, path, _, _)] = s3.requests
        query = "encoding-type=url&list-type=2&prefix=uploads%2F%C3%BC&start-after=uploads%2F%C3%BC%2F%2B"
        assert (method, path) == ("GET", f"/bucket?{query}")

    def test_malformed_document_is_no_response(
        self, s3: ScriptedS3, storage: S3Storage, caplog: pytest.LogCaptureFixture
    ) -> None:
        s3.script = [lambda handler: handler.reply(200, b"<ListBucketResult><Contents>")]
        with pytest.raises(ServiceError):
            storage.list("", "")
        assert caplog.messages == ["S3 doesn't respond: ParseError"]
