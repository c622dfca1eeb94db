"""The bucket on S3. The only module that knows boto3.

Layout: `uploads/{id}/{name}` for what was handed in, `derived/{id}/…` for what is made of it.
IAM: s3:PutObject, s3:GetObject and s3:DeleteObject on the bucket's objects, and s3:ListBucket on the bucket,
without which S3 answers 403 instead of 404 for an object that isn't there.
Limits: a single PUT takes 5 GiB; a presigned URL lives 7 days at most, and no longer than the credentials that
signed it.
"""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import STORAGE_UNAVAILABLE, ObjectChangedError, ObjectMissingError, ServiceError
from chalicelib.core.files import Checksum
from chalicelib.core.ports import Listing, Piece, StoredObject
from chalicelib.core.s3_events import CreatedObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

log = logging.getLogger(__name__)

READ_TIMEOUT = 10
"""Seconds without a byte, after which a request has failed."""

PROBE_TIMEOUT = 3

_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})

_CHANGED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})
"""Another object than the one whose ETag was given, or one that is shorter than it was said to be."""

_CHECKSUMS = {
    "ChecksumSHA256": "sha256",
    "ChecksumSHA1": "sha1",
    "ChecksumCRC64NVME": "crc64nvme",
    "ChecksumCRC32C": "crc32c",
    "ChecksumCRC32": "crc32",
}
"""What S3 may hold of an object, the most telling first."""


class S3Storage:
    """Keeps the contract of `chalicelib.core.ports.Storage`."""

    def __init__(self, bucket: str, endpoint_url: str | None = None) -> None:
        """`endpoint_url` names an emulator, which is addressed by path because buckets have no host there."""
        self._bucket, self._endpoint_url = bucket, endpoint_url
        self._client = self._client_that(connect_timeout=3, read_timeout=READ_TIMEOUT, attempts=2)

    @cached_property
    def _probe(self) -> "S3Client":
        """Says soon that S3 doesn't answer: whoever asks for the service's health doesn't wait for long."""
        return self._client_that(connect_timeout=2, read_timeout=PROBE_TIMEOUT, attempts=1)

    def _client_that(self, *, connect_timeout: float, read_timeout: float, attempts: int) -> "S3Client":
        return boto3.session.Session().client(
            "s3",
            endpoint_url=self._endpoint_url,
            config=Config(
                signature_version="s3v4",  # boto3 presigns with the older version otherwise
                s3={"addressing_style": "path" if self._endpoint_url else "virtual"},
                connect_timeout=connect_timeout,
                read_timeout=read_timeout,
                retries={"mode": "standard", "total_max_attempts": attempts},
                # Threads share the client in development; a Lambda container needs one connection.
                max_pool_connections=32,
            ),
        )

    def check(self) -> None:
        try:
            with _faults():
                self._probe.head_bucket(Bucket=self._bucket)
        except ObjectMissingError:
            raise ServiceError(STORAGE_UNAVAILABLE) from None

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        digest: Any = {"ChecksumSHA256": _base64(checksum)} if checksum else {}
        with _faults():
            stored = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=media_type,
                **digest,
            )
        return _etag(stored["ETag"])

    def head(self, key: str) -> StoredObject | None:
        try:
            with _faults():
                found = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        except ObjectMissingError:
            self.check()  # without a body, 404 may also mean that there is no bucket
            return None
        return StoredObject(
            size=found["ContentLength"],
            media_type=found.get("ContentType"),
            checksum=_checksum(found),
            etag=_etag(found["ETag"]),
        )

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> Piece:
        condition: Any = {} if etag is None else {"IfMatch": f'"{etag}"'}
        with _faults():
            answer = self._client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes={start}-{start + length - 1}", **condition
            )
            data = answer["Body"].read()
        size = int(answer["ContentRange"].rpartition("/")[2])
        return Piece(data, size, _etag(answer["ETag"]))

    def list(self, prefix: str, after: str) -> Listing:
        begin: Any = {"StartAfter": after} if after else {}
        with _faults():
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **begin)
        objects = [
            CreatedObject(key=found["Key"], etag=_etag(found["ETag"]), size=found["Size"])
            for found in page.get("Contents", ())
        ]
        return Listing(objects, page["IsTruncated"])

    def delete(self, key: str) -> None:
        with _faults():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        with _faults():
            return self._client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket,
                    "Key": key,
                    "ResponseContentType": media_type,
                    "ResponseContentDisposition": disposition,
                },
                ExpiresIn=int(lifetime.total_seconds()),
            )


@contextmanager
def _faults() -> Iterator[None]:
    """Turn boto3's errors into the service's own.

    A refusal (no such bucket, access denied) is answered like an outage: to whoever calls the API it is one.
    """
    try:
        yield
    except ClientError as fault:
        code = fault.response.get("Error", {}).get("Code")
        if code in _MISSING:
            raise ObjectMissingError from fault
        if code in _CHANGED:
            raise ObjectChangedError from fault
        log.exception("S3 refused")
        raise ServiceError(STORAGE_UNAVAILABLE) from fault
    except BotoCoreError as fault:
        log.exception("S3 doesn't answer")
        raise ServiceError(STORAGE_UNAVAILABLE) from fault


def _base64(checksum: Checksum) -> str:
    return base64.b64encode(bytes.fromhex(checksum.value)).decode()


def _etag(quoted: str) -> str:
    return quoted.strip('"')


def _checksum(found: "HeadObjectOutputTypeDef") -> Checksum | None:
    if found.get("ChecksumType") == "COMPOSITE":
        return None
    for field, algorithm in _CHECKSUMS.items():
        value = str(found.get(field) or "")
        if value and "-" not in value:  # a suffix `-N` marks a composite where the type isn't told
            return Checksum(algorithm, base64.b64decode(value).hex())
    return None
