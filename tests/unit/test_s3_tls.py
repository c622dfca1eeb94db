"""Requests over TLS: S3's certificate is verified, first with Amazon's own authorities, then with all."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chalicelib.adapters.s3 import S3Storage, signed_requests, tls
from chalicelib.core.errors import INSUFFICIENT_STORAGE, ServiceError
from tests.unit.scripted_s3 import KEY, Handler, ScriptedS3, put, refuse_at_once


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


def test_bundle_has_amazons() -> None:
    assert len(tls._AMAZONS.findall(tls._bundle().read_text())) == 5
    assert len(tls.make_context().get_ca_certs()) == 5
    assert len(tls.make_context(all_authorities=True).get_ca_certs()) > 50


def test_unknown_authority_is_refused(
    secure_s3: ScriptedS3, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(signed_requests, "MAX_PAUSE", 0)
    with pytest.raises(ServiceError):
        put(secure_storage(secure_s3))
    assert caplog.messages == ["S3 doesn't respond: SSLCertVerificationError"]
    assert secure_s3.requests == []


def test_authority_of_the_whole_bundle_is_found(
    secure_s3: ScriptedS3, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(tls._bundle().read_text() + certificate.read_text())
    monkeypatch.setattr(tls, "_bundle", lambda: bundle)
    storage = secure_storage(secure_s3)
    assert put(storage) == put(storage) == "e"


def test_bundle_of_the_environment_counts(
    secure_s3: ScriptedS3, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    storage = secure_storage(secure_s3)
    assert put(storage) == put(storage) == "e"
    assert secure_s3.connections == 1, "what TLS itself has sent meanwhile counts as nothing to read"


def test_bundle_that_does_not_exist_is_an_outage(
    secure_s3: ScriptedS3, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(signed_requests, "MAX_PAUSE", 0)
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere")
    with pytest.raises(ServiceError):
        put(secure_storage(secure_s3))
    assert caplog.messages == ["S3 doesn't respond: FileNotFoundError"]


def test_name_is_verified(secure_s3: ScriptedS3, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signed_requests, "MAX_PAUSE", 0)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with pytest.raises(ServiceError):
        put(S3Storage("bucket", f"https://127.0.0.1:{secure_s3.server_address[1]}"))


def test_a_response_that_comes_before_the_body_was_read_counts(
    secure_s3: ScriptedS3, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    monkeypatch.setattr(Handler, "do_PUT", refuse_at_once)
    storage = secure_storage(secure_s3)
    for _ in range(10):
        with pytest.raises(ServiceError) as caught:
            storage.put(KEY, bytes(8 * 1024**2), "a/b")
        assert caught.value.kind is INSUFFICIENT_STORAGE
