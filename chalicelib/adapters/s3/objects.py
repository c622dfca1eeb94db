"""Objects on S3."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.adapters.s3.client import S3Bucket
from chalicelib.adapters.s3.errors import error_code, translate_errors
from chalicelib.adapters.s3.values import bare_etag, base64_checksum, whole_object_checksum
from chalicelib.core.errors import ObjectChangedError, ObjectMissingError
from chalicelib.core.files.model import Checksum
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectHead, ObjectPage, ObjectRange

_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})

_CHANGED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})
"""The object has another ETag than the given one, or is shorter than expected."""


class S3Objects(S3Bucket):
    """Implements `Objects` of `chalicelib.core.storage`."""

    def check(self) -> None:
        with translate_errors():
            self._probe.head_bucket(Bucket=self._bucket)

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        digest: Any = {"ChecksumSHA256": base64_checksum(checksum)} if checksum else {}
        with translate_errors():
            stored = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=media_type,
                **digest,
            )
        return bare_etag(stored["ETag"])

    def head(self, key: str) -> ObjectHead | None:
        try:
            with translate_errors(), _translate_missing():
                response = self._client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED")
        except ObjectMissingError:
            self.check()  # a 404 without a body may also mean that there is no bucket
            return None
        return ObjectHead(
            size=response["ContentLength"],
            media_type=response.get("ContentType"),
            checksum=whole_object_checksum(response),
            etag=bare_etag(response["ETag"]),
        )

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        condition: Any = {} if etag is None else {"IfMatch": f'"{etag}"'}
        with translate_errors(), _translate_missing(), _translate_changed():
            response = self._client.get_object(
                Bucket=self._bucket, Key=key, Range=f"bytes={start}-{start + length - 1}", **condition
            )
            data = response["Body"].read()
        size = int(response["ContentRange"].rpartition("/")[2])
        return ObjectRange(data, size, bare_etag(response["ETag"]))

    def tags(self, key: str) -> Mapping[str, str]:
        with translate_errors(), _translate_missing():
            response = self._client.get_object_tagging(Bucket=self._bucket, Key=key)
        return {tag["Key"]: tag["Value"] for tag in response["TagSet"]}

    def list(self, prefix: str, after: str) -> ObjectPage:
        start: Any = {"StartAfter": after} if after else {}
        with translate_errors():
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, **start)
        refs = [
            ObjectRef(key=entry["Key"], etag=bare_etag(entry["ETag"]), size=entry["Size"])
            for entry in page.get("Contents", ())
        ]
        return ObjectPage(refs, page["IsTruncated"])

    def delete(self, key: str) -> None:
        with translate_errors():
            self._client.delete_object(Bucket=self._bucket, Key=key)


@contextmanager
def _translate_missing() -> Iterator[None]:
    """Raise the service's own error where there is no such object."""
    try:
        yield
    except ClientError as error:
        if error_code(error) in _MISSING:
            raise ObjectMissingError from None
        raise


@contextmanager
def _translate_changed() -> Iterator[None]:
    """Raise the service's own error where the object is another one than the one that is read."""
    try:
        yield
    except ClientError as error:
        if error_code(error) in _CHANGED:
            raise ObjectChangedError from None
        raise
