"""Objects on S3."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chalicelib.adapters.s3 import timeouts
from chalicelib.adapters.s3.client import S3Bucket
from chalicelib.adapters.s3.errors import NoResponseError, RefusedError, translate_errors
from chalicelib.adapters.s3.values import (
    bare_etag,
    base64_checksum,
    encode_key,
    parse_content_range,
    whole_object_checksum,
)
from chalicelib.core.errors import ObjectChangedError, ObjectMissingError
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import ObjectHead, ObjectPage, ObjectRange

_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})

_CHANGED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})
"""The object has another ETag than the given one, or is shorter than expected."""


class S3Objects(S3Bucket):
    """Implements `Objects` of `chalicelib.core.storage`."""

    def check(self) -> None:
        with translate_errors():
            self._send("head_bucket", limits=timeouts.OF_PROBES, attempts=1)

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        digest = checksum or Checksum("sha256", hashlib.sha256(body).hexdigest())
        headers = {"Content-Type": media_type, "x-amz-checksum-sha256": base64_checksum(digest)}
        with translate_errors():
            response = self._send("put_object", encode_key(key), headers, body=body, payload_hash=digest.value)
            return bare_etag(response.require("etag"))

    def head(self, key: str) -> ObjectHead | None:
        try:
            with translate_errors(), _translate_missing():
                response = self._send("head_object", encode_key(key), {"x-amz-checksum-mode": "ENABLED"})
                return ObjectHead(
                    size=int(response.require("content-length")),
                    media_type=response.headers.get("content-type"),
                    checksum=whole_object_checksum(response.headers),
                    etag=bare_etag(response.require("etag")),
                )
        except ObjectMissingError:
            self.check()  # a 404 without a body may also mean that there is no bucket
            return None

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        headers = {"Range": f"bytes={start}-{start + length - 1}"}
        if etag is not None:
            headers["If-Match"] = f'"{etag}"'
        with translate_errors(), _translate_missing(), _translate_changed():
            response = self._send("get_object", encode_key(key), headers)
            received, size = parse_content_range(response.require("content-range"))
            if len(response.body) != received:
                raise NoResponseError("truncated response")
            return ObjectRange(response.body, size, bare_etag(response.require("etag")))

    def tags(self, key: str) -> Mapping[str, str]:
        from chalicelib.adapters.s3.xml_documents import parse_tags  # loads a parser that few functions need

        with translate_errors(), _translate_missing():
            return parse_tags(self._send("get_object_tagging", encode_key(key), query={"tagging": ""}).body)

    def list(self, prefix: str, after: str) -> ObjectPage:
        from chalicelib.adapters.s3.xml_documents import parse_list

        query = {"list-type": "2", "prefix": prefix, "encoding-type": "url"}
        if after:
            query["start-after"] = after
        with translate_errors():
            return parse_list(self._send("list_objects_v2", query=query).body)

    def delete(self, key: str) -> None:
        with translate_errors():
            self._send("delete_object", encode_key(key))


@contextmanager
def _translate_missing() -> Iterator[None]:
    """Raise the service's own error where there is no such object."""
    try:
        yield
    except RefusedError as error:
        if error.code in _MISSING:
            raise ObjectMissingError from None
        raise


@contextmanager
def _translate_changed() -> Iterator[None]:
    """Raise the service's own error where the object is another one than the one that is read."""
    try:
        yield
    except RefusedError as error:
        if error.code in _CHANGED:
            raise ObjectChangedError from None
        raise
