"""The bucket on S3. The only module that imports boto3.

Layout: `uploads/{id}/{name}` for uploaded files, `derived/{id}/…` for what is made of them, such as thumbnails.
IAM: s3:PutObject, s3:GetObject and s3:DeleteObject on the bucket's objects, and s3:ListBucket on the bucket,
without which S3 returns 403 instead of 404 for an object that doesn't exist.
Limits: a single PUT can have 5 GiB; a presigned URL lives 7 days at most, and no longer than the credentials that
signed it.
"""

import base64
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.core.errors import (
    INSUFFICIENT_STORAGE,
    STORAGE_UNAVAILABLE,
    ObjectChangedError,
    ObjectMissingError,
    ServiceError,
)
from chalicelib.core.files.model import Checksum
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectHead, ObjectPage, ObjectRange

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

log = logging.getLogger(__name__)

READ_TIMEOUT = 10
"""Seconds without a byte after which a request fails."""

PROBE_TIMEOUT = 3

_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})

_CHANGED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})
"""The object has another ETag than the given one, or is shorter than expected."""

_FULL = 507
"""The status with which MinIO and `make run` refuse an object for which they have no space. S3 is never full."""

_CHECKSUMS = {
    "ChecksumSHA256": "sha256",
    "ChecksumSHA1": "sha1",
    "ChecksumCRC64NVME": "crc64nvme",
    "ChecksumCRC32C": "crc32c",
    "ChecksumCRC32": "crc32",
}
"""The checksums that S3 may have of an object, the strongest first."""


class S3Storage:
    """Implements `chalicelib.core.storage.Storage`."""

    def __init__(self, bucket: str, endpoint_url: str | None = None) -> None:
        """`endpoint_url` is an emulator's. It is addressed by path, because buckets have no host names there."""
        self._bucket, self._endpoint_url = bucket, endpoint_url
        self._session = (
            boto3.session.Session()
        )  # its clients share what it parses, which takes a tenth of a second
        self._client = self._make_client(connect_timeout=3, read_timeout=READ_TIMEOUT, attempts=2)
        self._probe_client: S3Client | None = None
        self._lock = Lock()

    def warm_up(self) -> None:
        """Build the client of health checks, too, which is built when it is first used."""
        _ = self._probe

    @property
    def _probe(self) -> "S3Client":
        """A client with short timeouts, for health checks."""
        with self._lock:
            if self._probe_client is None:
                self._probe_client = self._make_client(connect_timeout=2, read_timeout=PROBE_TIMEOUT, attempts=1)
            return self._probe_client

    def _make_client(self, *, connect_timeout: float, read_timeout: float, attempts: int) -> "S3Client":
        return self._session.client(
            "s3",
            endpoint_url=self._endpoint_url,
            config=Config(
                signature_version="s3v4",  # by default, boto3 presigns with the older version
                s3={"addressing_style": "path" if self._endpoint_url else "virtual"},
                connect_timeout=connect_timeout,
                read_timeout=read_timeout,
                retries={"mode": "standard", "total_max_attempts": attempts},
                # Threads share the client in development; a Lambda container needs one connection.
                max_pool_connections=32,
            ),
        )

    def check(self) -> None:
        with _translate_errors():
            self._probe.head_bucket(Bucket=self._bucket)

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        digest: Any = {"ChecksumSHA256": _base64(checksum)} if checksum else {}
        with _translate_errors():
            stored = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=media_type,
                **digest,
            )
        return _etag(stored["ETag"])

    def head(self, key: str) -> ObjectHead | None:
        try:
            with _translate_errors(), _translate_object_errors():
                response = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        except ObjectMissingError:
            self.check()  # a 404 without a body may also mean that there is no bucket
            return None
        return ObjectHead(
            size=response["ContentLength"],
            media_type=response.get("ContentType"),
            checksum=_checksum(response),
            etag=_etag(response["ETag"]),
        )

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        condition: Any = {} if etag is None else {"IfMatch": f'"{etag}"'}
        with _translate_errors(), _translate_object_errors():
            response = self._client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes={start}-{start + length - 1}", **condition
            )
            data = response["Body"].read()
        size = int(response["ContentRange"].rpartition("/")[2])
        return ObjectRange(data, size, _etag(response["ETag"]))

    def list(self, prefix: str, after: str) -> ObjectPage:
        start: Any = {"StartAfter": after} if after else {}
        with _translate_errors():
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **start)
        refs = [
            ObjectRef(key=entry["Key"], etag=_etag(entry["ETag"]), size=entry["Size"])
            for entry in page.get("Contents", ())
        ]
        return ObjectPage(refs, page["IsTruncated"])

    def delete(self, key: str) -> None:
        with _translate_errors():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        with _translate_outages():
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
def _translate_errors() -> Iterator[None]:
    """Raise the service's own errors for those of a request.

    A refusal (no such bucket, access denied) becomes STORAGE_UNAVAILABLE like an outage, which it is to clients.
    """
    try:
        with _translate_outages():
            yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == _FULL:
            log.error("the storage has no space left")  # noqa: TRY400  # the stack trace says nothing more
            raise ServiceError(INSUFFICIENT_STORAGE) from None
        log.error("S3 refused %s: %s", error.operation_name, _code(error))  # noqa: TRY400  # its URL holds the name
        raise ServiceError(STORAGE_UNAVAILABLE) from None


@contextmanager
def _translate_object_errors() -> Iterator[None]:
    """Raise the service's own errors for what a request says of the object that it reads."""
    try:
        yield
    except ClientError as error:
        if _code(error) in _MISSING:
            raise ObjectMissingError from None
        if _code(error) in _CHANGED:
            raise ObjectChangedError from None
        raise


def _code(error: ClientError) -> str | None:
    return error.response.get("Error", {}).get("Code")


@contextmanager
def _translate_outages() -> Iterator[None]:
    """Raise STORAGE_UNAVAILABLE where S3 doesn't respond, or there are no credentials to sign with."""
    try:
        yield
    except BotoCoreError as error:
        log.error("S3 doesn't respond: %s", type(error).__name__)  # noqa: TRY400  # its URL holds the file's name
        raise ServiceError(STORAGE_UNAVAILABLE) from None


def _base64(checksum: Checksum) -> str:
    return base64.b64encode(bytes.fromhex(checksum.value)).decode()


def _etag(quoted: str) -> str:
    return quoted.strip('"')


def _checksum(response: "HeadObjectOutputTypeDef") -> Checksum | None:
    if response.get("ChecksumType") == "COMPOSITE":
        return None
    for field, algorithm in _CHECKSUMS.items():
        value = str(response.get(field) or "")
        if value and "-" not in value:  # a suffix `-N` marks a composite checksum where the type is not given
            return Checksum(algorithm, base64.b64decode(value).hex())
    return None
