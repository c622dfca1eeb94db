"""Upload forms of the local S3: what their policy allows and nothing else, as on AWS."""

from typing import Any
from uuid import uuid4

import boto3
import pytest
import requests
from botocore.config import Config

from emulator.checksums import compute

KEY = "uploads/1/a b.txt"
CONTENT = b"by a form"


class Bucket:
    """A bucket that takes forms of up to 20 bytes."""

    def __init__(self, url: str) -> None:
        config = Config(signature_version="s3v4", s3={"addressing_style": "path"})
        self.s3: Any = boto3.client("s3", endpoint_url=url, config=config)
        self.name = f"bucket-{uuid4().hex}"
        self.url = f"{url}/{self.name}"
        self.s3.create_bucket(Bucket=self.name)

    def form(self, lifetime: int = 60, **more: str) -> dict[str, str]:
        """Return the fields of a signed form."""
        fields = {"Content-Type": "text/x", "success_action_status": "201"}
        fields |= {name.replace("_", "-"): value for name, value in more.items()}
        conditions = [{name: value} for name, value in fields.items()]
        form: dict[str, str] = self.s3.generate_presigned_post(
            self.name, KEY, fields, [*conditions, ["content-length-range", 1, 20]], lifetime
        )["fields"]
        return form

    def post(self, fields: dict[str, str], content: bytes = CONTENT) -> requests.Response:
        """Send a form as a page of another origin does."""
        files = {"file": ("a b.txt", content)}
        origin = {"Origin": "https://app.example"}
        return requests.post(self.url, data=fields, files=files, headers=origin, timeout=10)

    def keys(self) -> list[str]:
        return [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])]


@pytest.fixture
def bucket(ministack_url: str) -> Bucket:
    return Bucket(ministack_url)


def test_a_form_is_stored_and_its_location_is_here(bucket: Bucket) -> None:
    response = bucket.post(bucket.form())
    location = f"{bucket.url}/uploads/1/a%20b.txt"
    assert (response.status_code, response.headers["Location"]) == (201, location)
    assert f"<Location>{location}</Location>" in response.text
    head = bucket.s3.head_object(Bucket=bucket.name, Key=KEY, ChecksumMode="ENABLED")
    assert (head["ContentType"], head["ContentLength"]) == ("text/x", len(CONTENT))
    assert head["ChecksumCRC64NVME"] == compute("CRC64NVME", CONTENT)


@pytest.mark.parametrize(
    ("changes", "content", "code"),
    [
        ({}, b"", "EntityTooSmall"),
        ({}, b"x" * 21, "EntityTooLarge"),
        ({"key": "uploads/2/other"}, CONTENT, "AccessDenied"),
        ({"Content-Type": "text/html"}, CONTENT, "AccessDenied"),
        ({"x-amz-meta-note": "x"}, CONTENT, "AccessDenied"),
        ({"x-amz-signature": "0" * 64}, CONTENT, "SignatureDoesNotMatch"),
    ],
)
def test_what_the_policy_does_not_allow_is_refused(
    bucket: Bucket, changes: dict[str, str], content: bytes, code: str
) -> None:
    response = bucket.post({**bucket.form(), **changes}, content)
    assert response.status_code in {400, 403}
    assert f"<Code>{code}</Code>" in response.text
    assert bucket.keys() == []


def test_an_expired_form_is_refused(bucket: Bucket) -> None:
    assert bucket.post(bucket.form(lifetime=-1)).status_code == 403
    assert bucket.keys() == []


def test_the_checksum_of_a_form_is_checked(bucket: Bucket) -> None:
    fields = bucket.form(x_amz_checksum_sha256="KbX3Pt+MBVu4nsjf/+ruKjBElPD8RYXnuVBZ1Ap2RUk=")
    response = bucket.post(fields)
    assert (response.status_code, "<Code>BadDigest</Code>" in response.text) == (400, True)
    assert bucket.keys() == []
    fields = bucket.form(x_amz_checksum_crc64nvme=compute("CRC64NVME", CONTENT))
    assert bucket.post(fields).status_code == 201
