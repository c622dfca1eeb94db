"""Requests without boto3: connections, attempts, time limits and errors."""

import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.adapters.s3 import S3Storage, signed_requests, timeouts, tls
from chalicelib.adapters.s3.timeouts import Timeouts
from chalicelib.core.errors import (
    INSUFFICIENT_STORAGE,
    STORAGE_UNAVAILABLE,
    ErrorKind,
    ObjectChangedError,
    ObjectMissingError,
    ServiceError,
)
from tests.local_http_server import LocalHttpServer
from tests.samples import checksum

KEY = "uploads/1/a b.txt"


class ScriptedS3(LocalHttpServer):
    """Responds what it is told to, one after another, the last again and again."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.script: list[Callable[[Any], None]] = [stored]
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Keeps connections open."""

    protocol_version = "HTTP/1.1"
    server: ScriptedS3

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        script = self.server.script
        (script.pop(0) if len(script) > 1 else script[0])(self)

    do_GET = do_PUT = do_HEAD = do_DELETE = respond  # noqa: N815  # the names are the base class's

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def stored(handler: Handler) -> None:
    handler.reply(200, ETag='"e"')


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


def put(storage: S3Storage) -> str:
    return storage.put(KEY, b"0123456789", "text/plain", checksum(b"0123456789"))


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

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_a_response_that_comes_before_the_body_was_read_counts(
        self, scheme: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, certificate: Path
    ) -> None:
        """S3 refuses a request by its headers, and closes the connection while the body is still on its way."""

        def refuse_at_once(handler: Handler) -> None:
            handler.wfile.write(b"HTTP/1.1 507 Full\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            handler.close_connection = True

        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        monkeypatch.setattr(Handler, "do_PUT", refuse_at_once)
        server = request.getfixturevalue("s3" if scheme == "http" else "secure_s3")
        storage = S3Storage("bucket", f"{scheme}://localhost:{server.server_address[1]}")
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


class TestCertificates:
    """S3's certificate is verified, first with Amazon's own authorities, then with all."""

    def test_bundle_has_amazons(self) -> None:
        assert len(tls._AMAZONS.findall(tls._bundle().read_text())) == 5
        assert len(tls.make_context().get_ca_certs()) == 5
        assert len(tls.make_context(all_authorities=True).get_ca_certs()) > 50

    def test_unknown_authority_is_refused(
        self, secure_s3: ScriptedS3, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(signed_requests, "MAX_PAUSE", 0)
        with pytest.raises(ServiceError):
            put(secure_storage(secure_s3))
        assert caplog.messages == ["S3 doesn't respond: SSLCertVerificationError"]
        assert secure_s3.requests == []

    def test_authority_of_the_whole_bundle_is_found(
        self, secure_s3: ScriptedS3, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bundle = tmp_path / "bundle.pem"
        bundle.write_text(tls._bundle().read_text() + certificate.read_text())
        monkeypatch.setattr(tls, "_bundle", lambda: bundle)
        storage = secure_storage(secure_s3)
        assert put(storage) == put(storage) == "e"

    def test_bundle_of_the_environment_counts(
        self, secure_s3: ScriptedS3, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        storage = secure_storage(secure_s3)
        assert put(storage) == put(storage) == "e"
        assert secure_s3.connections == 1, "what TLS itself has sent meanwhile counts as nothing to read"

    def test_bundle_that_does_not_exist_is_an_outage(
        self, secure_s3: ScriptedS3, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(signed_requests, "MAX_PAUSE", 0)
        monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere")
        with pytest.raises(ServiceError):
            put(secure_storage(secure_s3))
        assert caplog.messages == ["S3 doesn't respond: FileNotFoundError"]

    def test_name_is_verified(
        self, secure_s3: ScriptedS3, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(signed_requests, "MAX_PAUSE", 0)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        with pytest.raises(ServiceError):
            put(S3Storage("bucket", f"https://127.0.0.1:{secure_s3.server_address[1]}"))


def secure_storage(s3: ScriptedS3) -> S3Storage:
    return S3Storage("bucket", f"https://localhost:{s3.server_address[1]}")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost`, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_bytes(encoded_key + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure_s3(certificate: Path) -> Iterator[ScriptedS3]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ScriptedS3()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with server.run():
        yield server


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
