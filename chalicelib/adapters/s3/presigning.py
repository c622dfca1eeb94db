"""Presigned requests to S3."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from types import MappingProxyType

from chalicelib.adapters.aws.credentials import find_credentials
from chalicelib.adapters.aws.signature import UNSIGNED_PAYLOAD, Signer
from chalicelib.adapters.s3.client import S3Bucket
from chalicelib.adapters.s3.errors import translate_outages
from chalicelib.adapters.s3.operations import METHODS
from chalicelib.adapters.s3.values import base64_checksum, encode_key
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import PresignedForm, PresignedRequest

MAX_FORM_BYTES = 5 * 1024**3
"""S3's own limit of an upload that is one request."""

_NONE: Mapping[str, str] = MappingProxyType({})


class S3PresignedRequests(S3Bucket):
    """Implements `PresignedRequests` of `chalicelib.core.storage`."""

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        query = {"response-content-type": media_type, "response-content-disposition": disposition}
        return self._sign("get_object", key, lifetime, query).url

    def put_url(
        self, key: str, *, size: int, media_type: str, checksum: Checksum | None, lifetime: timedelta
    ) -> PresignedRequest:
        headers = {"Content-Type": media_type, "If-None-Match": "*"}
        if checksum is not None:
            headers[f"x-amz-checksum-{checksum.algorithm}"] = base64_checksum(checksum)
        return self._sign("put_object", key, lifetime, headers=headers, size=size)

    def post_form(self, key: str, *, media_type: str, max_bytes: int, lifetime: timedelta) -> PresignedForm:
        fields = {"Content-Type": media_type, "success_action_status": "201"}
        conditions = [
            *({name: value} for name, value in fields.items()),
            ["content-length-range", 0, min(max_bytes, MAX_FORM_BYTES)],
            {"bucket": self._bucket},
            {"key": key},
        ]
        with translate_outages():
            signature = self._signer.sign_form(find_credentials(), conditions, lifetime)
            url = f"{self._bucket_url}/"  # Uppy 6.1 appends the key to it
        return PresignedForm(url, {**fields, "key": key, **signature})

    def part_url(self, key: str, upload_id: str, number: int, *, size: int | None, lifetime: timedelta) -> str:
        query = {"uploadId": upload_id, "partNumber": str(number)}
        return self._sign("upload_part", key, lifetime, query, size=size).url

    def unsized_put_url(self, key: str, *, lifetime: timedelta) -> str:
        return self._sign("put_object", key, lifetime).url

    def create_multipart_upload_url(self, key: str, *, lifetime: timedelta) -> str:
        # Without a header, the checksum is a CRC64NVME of the whole object.
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
        return self._sign("create_multipart_upload", key, lifetime, {"uploads": ""}).url

    def list_parts_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        return self._sign("list_parts", key, lifetime, {"uploadId": upload_id}).url

    def complete_multipart_upload_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        return self._sign("complete_multipart_upload", key, lifetime, {"uploadId": upload_id}).url

    def abort_multipart_upload_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        return self._sign("abort_multipart_upload", key, lifetime, {"uploadId": upload_id}).url

    def _sign(
        self,
        operation: str,
        key: str,
        lifetime: timedelta,
        query: Mapping[str, str] = _NONE,
        headers: Mapping[str, str] = _NONE,
        size: int | None = None,
    ) -> PresignedRequest:
        """Return the request of an operation on an object. `size` is what its body must have."""
        method = METHODS[operation]
        length = {} if size is None else {"Content-Length": str(size)}
        with translate_outages():
            url = self._signer.presign_url(
                find_credentials(),
                method,
                f"{self._bucket_url}/{encode_key(key)}",
                query=query,
                headers={**headers, **length},
                lifetime=lifetime,
                payload_hash=UNSIGNED_PAYLOAD,
            )
        return PresignedRequest(method, url, headers)

    @cached_property
    def _signer(self) -> Signer:
        return Signer("s3", self._region)
