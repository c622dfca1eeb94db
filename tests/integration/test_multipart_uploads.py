"""Multipart uploads of the local S3: its limits, checksums and listings are those of AWS."""

import base64
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.checksums import compute

MIB = 1024 * 1024
PART = b"p" * (5 * MIB)
CONTENT = PART + PART + b"last"
CRC64 = compute("CRC64NVME", CONTENT)


class Upload:
    """A multipart upload to a bucket of its own."""

    def __init__(self, s3: Any, **options: str) -> None:
        self.s3 = s3
        self.object = {"Bucket": f"bucket-{uuid4().hex}", "Key": "uploads/1/a b.bin"}
        s3.create_bucket(Bucket=self.object["Bucket"])
        self.created = s3.create_multipart_upload(**self.object, **options)
        self.target = {**self.object, "UploadId": self.created["UploadId"]}

    def put(self, number: int, content: bytes) -> dict[str, Any]:
        etag = self.s3.upload_part(**self.target, PartNumber=number, Body=content)["ETag"]
        return {"PartNumber": number, "ETag": etag}

    def put_all(self) -> list[dict[str, Any]]:
        """Upload the parts of CONTENT, not in order."""
        last, first, second = self.put(3, b"last"), self.put(1, PART), self.put(2, PART)
        return [first, second, last]

    def complete(self, parts: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
        response: dict[str, Any] = self.s3.complete_multipart_upload(
            **self.target, MultipartUpload={"Parts": parts}, **options
        )
        return response

    def refusal(self, parts: list[dict[str, Any]], **options: Any) -> str:
        """Return the code with which S3 refuses to complete the upload, which leaves it as it was."""
        with pytest.raises(ClientError) as caught:
            self.complete(parts, **options)
        assert self.s3.list_parts(**self.target)["UploadId"]
        return code(caught.value)

    def head(self) -> dict[str, Any]:
        response: dict[str, Any] = self.s3.head_object(**self.object, ChecksumMode="ENABLED")
        return response

    def body(self, **options: Any) -> bytes:
        content: bytes = self.s3.get_object(**self.object, **options)["Body"].read()
        return content


def code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])


@pytest.fixture
def s3(ministack_url: str) -> Any:
    config = Config(
        retries={"total_max_attempts": 1},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.client("s3", endpoint_url=ministack_url, config=config)


@pytest.fixture
def upload(s3: Any) -> Upload:
    return Upload(s3, ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT", ContentType="text/x")


def test_an_object_has_the_checksum_of_all_of_its_bytes(upload: Upload) -> None:
    assert upload.created["ChecksumType"] == "FULL_OBJECT"
    parts = upload.put_all()
    response = upload.complete(
        parts, MpuObjectSize=len(CONTENT), ChecksumCRC64NVME=CRC64, ChecksumType="FULL_OBJECT"
    )
    assert (response["ChecksumCRC64NVME"], response["ChecksumType"]) == (CRC64, "FULL_OBJECT")
    head = upload.head()
    assert (head["ChecksumCRC64NVME"], head["ChecksumType"]) == (CRC64, "FULL_OBJECT")
    assert (head["ContentLength"], head["ContentType"]) == (len(CONTENT), "text/x")
    assert head["ETag"].endswith('-3"')
    assert upload.body() == CONTENT
    assert upload.body(Range=f"bytes={5 * MIB - 2}-{5 * MIB + 1}") == b"pppp"
    assert upload.body(Range="bytes=-6") == b"pplast"
    assert upload.body(Range="bytes=1-") == CONTENT[1:]
    assert upload.complete(parts)["ChecksumCRC64NVME"] == CRC64  # a repeat has the same response


def test_a_checksum_that_is_not_the_object_s_is_refused(upload: Upload) -> None:
    parts = upload.put_all()
    other = compute("CRC64NVME", b"other")
    assert upload.refusal(parts, ChecksumCRC64NVME=other, ChecksumType="FULL_OBJECT") == "BadDigest"
    assert upload.refusal(parts, ChecksumCRC64NVME=CRC64) == "BadDigest", "its type is missing"
    assert upload.refusal(parts, ChecksumType="COMPOSITE") == "InvalidRequest"
    upload.complete(parts, ChecksumCRC64NVME=CRC64, ChecksumType="FULL_OBJECT")


def test_an_upload_that_names_no_checksum_verifies_none(s3: Any) -> None:
    upload = Upload(s3)
    parts = upload.put_all()
    assert upload.refusal(parts, ChecksumType="FULL_OBJECT") == "InvalidRequest"
    upload.complete(parts, ChecksumCRC64NVME=compute("CRC64NVME", b"other"))
    assert upload.head()["ChecksumCRC64NVME"] == CRC64


@pytest.mark.parametrize(
    ("options", "name", "checksum_type"),
    [
        ({}, "ChecksumCRC64NVME", "FULL_OBJECT"),
        ({"ChecksumAlgorithm": "CRC64NVME"}, "ChecksumCRC64NVME", "FULL_OBJECT"),
        ({"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}, "ChecksumCRC32", "FULL_OBJECT"),
        ({"ChecksumAlgorithm": "CRC32"}, "ChecksumCRC32", "COMPOSITE"),
        ({"ChecksumAlgorithm": "SHA256"}, "ChecksumSHA256", "COMPOSITE"),
    ],
)
def test_the_checksum_type_is_that_of_the_upload(
    s3: Any, options: dict[str, str], name: str, checksum_type: str
) -> None:
    upload = Upload(s3, **options)
    upload.complete(upload.put_all())
    head = upload.head()
    assert (head["ChecksumType"], name in head) == (checksum_type, True)
    if checksum_type == "FULL_OBJECT":
        assert head[name] == compute(name.removeprefix("Checksum"), CONTENT)
    else:
        assert head[name].endswith("-3")


@pytest.mark.parametrize(("algorithm", "checksum_type"), [("CRC64NVME", "COMPOSITE"), ("SHA256", "FULL_OBJECT")])
def test_an_algorithm_has_not_every_type(s3: Any, algorithm: str, checksum_type: str) -> None:
    with pytest.raises(ClientError) as caught:
        Upload(s3, ChecksumAlgorithm=algorithm, ChecksumType=checksum_type)
    assert code(caught.value) == "InvalidRequest"


def test_an_object_that_was_put_has_a_checksum(upload: Upload) -> None:
    upload.s3.put_object(**upload.object, Body=b"123456789")
    head = upload.head()
    assert base64.b64decode(head["ChecksumCRC64NVME"]).hex() == "ae8b14860a799888"
    assert head["ChecksumType"] == "FULL_OBJECT"


Change = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda parts: parts[::-1], "InvalidPartOrder"),
        (lambda parts: [parts[0], parts[0]], "InvalidPartOrder"),
        (lambda parts: [*parts[:2], {"PartNumber": 4, "ETag": parts[2]["ETag"]}], "InvalidPart"),
        (lambda parts: [parts[0], {"PartNumber": 2, "ETag": parts[2]["ETag"]}], "InvalidPart"),
        (lambda parts: [{"PartNumber": part["PartNumber"]} for part in parts], "MalformedXML"),
        (lambda parts: [], "MalformedXML"),  # noqa: ARG005
    ],
)
def test_a_wrong_list_of_parts_is_refused(upload: Upload, change: Change, refusal: str) -> None:
    parts = upload.put_all()
    assert upload.refusal(change(parts)) == refusal
    upload.complete(parts)


def test_every_part_but_the_last_has_at_least_5_mib(upload: Upload) -> None:
    small, last = upload.put(1, PART[1:]), upload.put(2, b"last")
    assert upload.refusal([small, last]) == "EntityTooSmall"
    upload.complete([upload.put(1, PART), last])
    assert upload.body() == PART + b"last"


def test_the_size_and_a_condition_are_checked(upload: Upload) -> None:
    parts = upload.put_all()
    assert upload.refusal(parts, MpuObjectSize=len(CONTENT) - 1) == "InvalidRequest"
    upload.s3.put_object(**upload.object, Body=b"there")
    assert upload.refusal(parts, IfNoneMatch="*") == "PreconditionFailed"
    assert upload.body() == b"there"


def test_parts_may_be_replaced_left_out_and_of_different_sizes(upload: Upload) -> None:
    longer = PART + b"longer"
    upload.put(2, PART)
    parts = [upload.put(1, PART), upload.put(2, longer), upload.put(4, bytes(6 * MIB)), upload.put(7, b"x")]
    upload.put(8, PART)
    upload.complete(parts)
    assert upload.body() == PART + longer + bytes(6 * MIB) + b"x"


def test_a_replaced_part_is_copied_into_its_place(upload: Upload) -> None:
    parts = upload.put_all()
    zeros = bytes(5 * MIB)
    upload.complete([parts[0], upload.put(2, zeros), parts[2]])
    assert upload.body() == PART + zeros + b"last"
    assert upload.head()["ChecksumCRC64NVME"] == compute("CRC64NVME", PART + zeros + b"last")


@pytest.mark.parametrize("number", [0, 10_001, -1])
def test_part_numbers_are_1_to_10000(upload: Upload, number: int) -> None:
    with pytest.raises(ClientError) as caught:
        upload.put(number, b"x")
    assert code(caught.value) == "InvalidArgument"
    source = {"Bucket": upload.object["Bucket"], "Key": "source"}
    upload.s3.put_object(**source, Body=b"x")
    with pytest.raises(ClientError) as caught:
        upload.s3.upload_part_copy(**upload.target, PartNumber=number, CopySource=source)
    assert code(caught.value) == "InvalidArgument"
    assert "Parts" not in upload.s3.list_parts(**upload.target)


def test_parts_are_listed_in_pages(upload: Upload) -> None:
    for number in (3, 1, 10_000):
        upload.put(number, b"x" * number)
    page = upload.s3.list_parts(**upload.target, MaxParts=2)
    assert [(part["PartNumber"], part["Size"]) for part in page["Parts"]] == [(1, 1), (3, 3)]
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == (True, 3)
    rest = upload.s3.list_parts(**upload.target, PartNumberMarker=3, MaxParts=2000)
    assert rest["MaxParts"] == 1000
    assert [part["PartNumber"] for part in rest["Parts"]] == [10_000]


def test_what_is_aborted_is_gone(upload: Upload) -> None:
    part = upload.put(1, b"x")
    bucket = upload.object["Bucket"]
    assert [each["UploadId"] for each in upload.s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [
        upload.target["UploadId"]
    ]
    upload.s3.abort_multipart_upload(**upload.target)
    assert "Uploads" not in upload.s3.list_multipart_uploads(Bucket=bucket)
    for call in (
        lambda: upload.s3.abort_multipart_upload(**upload.target),
        lambda: upload.put(1, b"x"),
        lambda: upload.complete([part]),
        lambda: upload.s3.list_parts(**upload.target),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert code(caught.value) == "NoSuchUpload"


def test_a_part_may_be_copied_from_an_object(upload: Upload) -> None:
    source = {"Bucket": upload.object["Bucket"], "Key": "source"}
    upload.s3.put_object(**source, Body=PART + b"more")
    copied = upload.s3.upload_part_copy(
        **upload.target, PartNumber=1, CopySource=source, CopySourceRange=f"bytes=0-{len(PART) - 1}"
    )["CopyPartResult"]["ETag"]
    upload.complete([{"PartNumber": 1, "ETag": copied}, upload.put(2, b"last")])
    assert upload.body() == PART + b"last"
