"""Multipart uploads on S3."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.s3.client import S3Bucket, convert_boto_errors
from chalicelib.adapters.s3.errors import RefusedError, translate_errors
from chalicelib.adapters.s3.values import bare_etag, base64_checksum
from chalicelib.core.errors import (
    STORAGE_UNAVAILABLE,
    MultipartUploadMissingError,
    ObjectExistsError,
    PartsRejectedError,
    ServiceError,
)
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import PartRef, UploadedPart

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompleteMultipartUploadRequestTypeDef

log = logging.getLogger(__name__)

_REASONS = {
    "InvalidPart": "a part is missing, or has another ETag",
    "InvalidPartOrder": "the parts are not in ascending order",
    "MalformedXML": "the list of parts is empty or malformed",
    "EntityTooSmall": "a part other than the last has less than 5 MiB",
    "EntityTooLarge": "together they are larger than an object can be",
    "BadDigest": "the checksum of their bytes is not the given one",
}
"""By S3's codes.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html#API_CompleteMultipartUpload_Errors"""

_OTHER_SIZE = "together they don't have the given size"
"""Of an `InvalidRequest`, which is S3's response to another x-amz-mp-object-size, if one was sent."""


class S3MultipartUploads(S3Bucket):
    """Implements `MultipartUploads` of `chalicelib.core.storage`."""

    def create_multipart_upload(self, key: str, media_type: str, checksum: Checksum | None = None) -> str:
        # Without an algorithm the object has a CRC64NVME, too, but S3 ignores one that completes the upload.
        # LocalStack 4.14 takes no part without a checksum if the upload names an algorithm.
        verified: Any = {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT"}
        with translate_errors(), convert_boto_errors():
            created = self._client.create_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                ContentType=media_type,
                **(verified if checksum is not None and checksum.algorithm == "crc64nvme" else {}),
            )
        return created["UploadId"]

    def list_parts(self, key: str, upload_id: str) -> Sequence[UploadedPart] | None:
        try:
            with translate_errors(), _translate_missing(), convert_boto_errors():
                pages = self._client.get_paginator("list_parts").paginate(
                    Bucket=self._bucket, Key=key, UploadId=upload_id
                )
                return [
                    UploadedPart(number=part["PartNumber"], etag=bare_etag(part["ETag"]), size=part["Size"])
                    for page in pages
                    for part in page.get("Parts", ())
                ]
        except MultipartUploadMissingError:
            return None

    def complete_multipart_upload(
        self, key: str, upload_id: str, parts: Sequence[PartRef], *, size: int | None, checksum: Checksum | None
    ) -> str:
        request: CompleteMultipartUploadRequestTypeDef = {
            "Bucket": self._bucket,
            "Key": key,
            "UploadId": upload_id,
            "MultipartUpload": {"Parts": [{"PartNumber": part.number, "ETag": part.etag} for part in parts]},
            "IfNoneMatch": "*",
        }
        if size is not None:
            request["MpuObjectSize"] = size
        if checksum is not None and checksum.algorithm == "crc64nvme":
            request |= {"ChecksumCRC64NVME": base64_checksum(checksum), "ChecksumType": "FULL_OBJECT"}
        with (
            translate_errors(),
            _translate_missing(),
            _translate_refusals(sent_size=size is not None),
            convert_boto_errors(),
        ):
            completed = self._client.complete_multipart_upload(**request)
        # S3 responds 200 before it has made the object. botocore raises an error that it finds in the body, but an
        # empty body, of a connection that S3 closed, is a response without fields to it.
        if not completed.get("ETag"):
            log.error("S3 closed the connection while it completed a multipart upload")
            raise ServiceError(STORAGE_UNAVAILABLE)
        return bare_etag(completed["ETag"])

    def abort_multipart_upload(self, key: str, upload_id: str) -> None:
        try:
            with translate_errors(), _translate_missing(), convert_boto_errors():
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except MultipartUploadMissingError:
            return

    def multipart_uploads(self, key: str) -> Sequence[str]:
        with translate_errors(), convert_boto_errors():
            paginator = self._client.get_paginator("list_multipart_uploads")
            pages = paginator.paginate(Bucket=self._bucket, Prefix=key)
            return [
                upload["UploadId"] for page in pages for upload in page.get("Uploads", ()) if upload["Key"] == key
            ]


@contextmanager
def _translate_missing() -> Iterator[None]:
    """Raise the service's own error where there is no such multipart upload."""
    try:
        yield
    except RefusedError as error:
        if error.code == "NoSuchUpload":
            raise MultipartUploadMissingError from None
        raise


@contextmanager
def _translate_refusals(*, sent_size: bool) -> Iterator[None]:
    """Raise the service's own errors for what S3 says of the parts that make up an object.

    A 409 (ConditionalRequestConflict) stays what it is: another request wrote or deleted an object of this key
    meanwhile, such as a second one that completes the same multipart upload. S3 says to begin anew, but the object
    may be there by now; if not, the next attempt says whether the multipart upload is.
    """
    try:
        yield
    except RefusedError as error:
        code = error.code
        if code == "PreconditionFailed":
            raise ObjectExistsError from None
        if code == "InvalidRequest" and sent_size:
            log.info("S3 refused the parts: %s", error.message)
            raise PartsRejectedError(_OTHER_SIZE) from None
        if code in _REASONS:
            raise PartsRejectedError(_REASONS[code]) from None
        raise
