"""Presigned requests, compared with those of boto3's client."""

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from botocore.session import Session

from chalicelib.adapters.aws import credentials
from chalicelib.adapters.s3 import S3Storage
from chalicelib.adapters.s3.signed_requests import SignedRequests
from chalicelib.core.errors import STORAGE_UNAVAILABLE, ServiceError
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import PresignedRequest

KEYS = [
    "uploads/1/a.txt",
    "uploads/1/Grüße +1 😀~.txt",
    "uploads//a/../b?c#d%20&=;",
    "uploads/1/' \"()*!",
]
UPLOAD_ID = "a+b/c=d e&f._-~"
LIFETIME = timedelta(hours=1)
SHA256 = Checksum("sha256", "ab" * 32)
CRC64NVME = Checksum("crc64nvme", "0123456789abcdef")


@pytest.fixture(params=["us-east-1", "eu-central-1", "emulator"])
def storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> S3Storage:
    """In two regions, and at an endpoint; with credentials of a role, as functions have them."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1" if request.param == "emulator" else request.param)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a+b/c=")
    for clock in ("chalicelib.adapters.aws.signature.current_time", "botocore.auth.get_current_datetime"):
        monkeypatch.setattr(clock, lambda: datetime(2026, 11, 28, tzinfo=UTC))

    def fail(*_: Any, **__: Any) -> None:
        pytest.fail("presigning made a request, or built the client for some")

    monkeypatch.setattr(SignedRequests, "__init__", fail)
    return S3Storage("bucket", "http://127.0.0.1:8123" if request.param == "emulator" else None)


def boto3_url(storage: S3Storage, operation: str, key: str, **parameters: Any) -> str:
    return storage._client.generate_presigned_url(
        operation, Params={"Bucket": "bucket", "Key": key, **parameters}, ExpiresIn=3600
    )


def signed_headers(url: str) -> set[str]:
    return set(parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0].split(";"))


@pytest.mark.parametrize("key", KEYS)
def test_urls_are_those_of_boto3(storage: S3Storage, key: str) -> None:
    put = {"ContentLength": 10, "ContentType": "text/plain; charset=utf-8", "IfNoneMatch": "*"}

    def put_url(checksum: Checksum | None) -> str:
        return storage.put_url(
            key, size=10, media_type="text/plain; charset=utf-8", checksum=checksum, lifetime=LIFETIME
        ).url

    assert put_url(None) == boto3_url(storage, "put_object", key, **put)
    sha256 = "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="
    assert put_url(SHA256) == boto3_url(storage, "put_object", key, **put, ChecksumSHA256=sha256)
    assert put_url(CRC64NVME) == boto3_url(storage, "put_object", key, **put, ChecksumCRC64NVME="ASNFZ4mrze8=")
    assert storage.part_url(key, UPLOAD_ID, 7, size=10, lifetime=LIFETIME) == boto3_url(
        storage, "upload_part", key, UploadId=UPLOAD_ID, PartNumber=7, ContentLength=10
    )
    disposition = 'inline; filename="a b"'
    assert storage.download_url(key, media_type="a/b", disposition=disposition, lifetime=LIFETIME) == boto3_url(
        storage, "get_object", key, ResponseContentType="a/b", ResponseContentDisposition=disposition
    )


def test_requests_of_multipart_uploads_are_those_of_boto3(storage: S3Storage) -> None:
    key = KEYS[1]
    put = storage.unsized_put_url(key, lifetime=LIFETIME)
    assert put == boto3_url(storage, "put_object", key)
    created = storage.create_multipart_upload_url(key, lifetime=LIFETIME)
    assert created == boto3_url(storage, "create_multipart_upload", key)
    listed = storage.list_parts_url(key, UPLOAD_ID, lifetime=LIFETIME)
    assert listed == boto3_url(storage, "list_parts", key, UploadId=UPLOAD_ID)
    completed = storage.complete_multipart_upload_url(key, UPLOAD_ID, lifetime=LIFETIME)
    assert completed == boto3_url(storage, "complete_multipart_upload", key, UploadId=UPLOAD_ID)
    aborted = storage.abort_multipart_upload_url(key, UPLOAD_ID, lifetime=LIFETIME)
    assert aborted == boto3_url(storage, "abort_multipart_upload", key, UploadId=UPLOAD_ID)
    for url in (put, created, listed, completed, aborted):
        assert signed_headers(url) == {"host"}


def test_headers_are_those_that_are_signed(storage: S3Storage) -> None:
    """None that botocore adds by default, such as the CRC32 of an empty body, or that the client isn't told."""

    def put(checksum: Checksum | None) -> PresignedRequest:
        return storage.put_url(KEYS[0], size=0, media_type="a/b", checksum=checksum, lifetime=LIFETIME)

    sized = [put(None), put(SHA256), put(CRC64NVME)]
    for request in sized:
        assert signed_headers(request.url) == {name.lower() for name in request.headers} | {
            "host",
            "content-length",
        }
        assert "crc32" not in request.url.lower()
    assert [set(request.headers) - {"Content-Type", "If-None-Match"} for request in sized] == [
        set(),
        {"x-amz-checksum-sha256"},
        {"x-amz-checksum-crc64nvme"},
    ]
    sized_part = storage.part_url(KEYS[0], UPLOAD_ID, 1, size=5, lifetime=LIFETIME)
    assert signed_headers(sized_part) == {"host", "content-length"}
    part = storage.part_url(KEYS[0], UPLOAD_ID, 1, size=None, lifetime=LIFETIME)
    assert signed_headers(part) == {"host"}


def test_form_has_only_what_its_policy_names(storage: S3Storage) -> None:
    form = storage.post_form(KEYS[1], media_type="a/b", max_bytes=10, lifetime=LIFETIME)
    assert form.fields["key"] == KEYS[1]
    assert form.fields["x-amz-security-token"] == "a+b/c="
    assert {name for name in form.fields if not name.startswith("x-amz-")} == {
        "key",
        "Content-Type",
        "success_action_status",
        "policy",
    }


def test_lifetime_and_token_are_in_the_url(storage: S3Storage) -> None:
    url = storage.part_url(KEYS[0], UPLOAD_ID, 1, size=5, lifetime=timedelta(days=7))
    query = parse_qs(urlsplit(url).query)
    assert query["X-Amz-Expires"] == ["604800"]
    assert query["X-Amz-Security-Token"] == ["a+b/c="]


@pytest.mark.parametrize("url", ["http://MinIO:80/", "https://s3.example:443/a/b", "http://[::1]:80"])
def test_host_is_signed_as_clients_send_it(url: str) -> None:
    """In lower case, and without the scheme's own port, as botocore signs it."""
    storage = S3Storage("bucket", url)
    for _ in range(5):  # the clock may tick between the two
        expected, presigned = (
            boto3_url(storage, "put_object", "k"),
            storage.unsized_put_url("k", lifetime=LIFETIME),
        )
        if parse_qs(expected) == parse_qs(presigned):
            break
    signed, given = (parse_qs(urlsplit(each).query)["X-Amz-Signature"] for each in (presigned, expected))
    assert signed == given
    assert requests.Request("PUT", presigned).prepare().url == presigned


@pytest.mark.parametrize(
    ("bucket", "variable"),
    [("a.bucket", {}), ("bucket", {"AWS_PROFILE": "nowhere"})],
)
def test_what_botocore_can_not_tell_makes_the_storage_unavailable(
    bucket: str, variable: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(credentials, "_session", cache(Session))
    storage = S3Storage(bucket)
    for use in (
        lambda: storage.put("k", b"", "a/b"),
        lambda: storage.unsized_put_url("k", lifetime=LIFETIME),
        lambda: storage.post_form("k", media_type="a/b", max_bytes=1, lifetime=LIFETIME),
        lambda: storage.list_parts("k", "id"),
        lambda: storage.multipart_uploads("k"),
    ):
        with pytest.raises(ServiceError) as caught:
            use()
        assert caught.value.kind is STORAGE_UNAVAILABLE


def test_without_credentials_the_storage_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    storage = S3Storage("bucket")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(ServiceError) as caught:
        storage.part_url(KEYS[0], UPLOAD_ID, 1, size=5, lifetime=LIFETIME)
    assert caught.value.kind is STORAGE_UNAVAILABLE
