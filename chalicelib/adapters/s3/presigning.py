"""Presigned requests to S3."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from types import MappingProxyType
from urllib.parse import quote

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError

from chalicelib.adapters.s3.client import S3Bucket
from chalicelib.adapters.s3.errors import translate_outages
from chalicelib.adapters.s3.values import base64_checksum
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import PresignedForm, PresignedRequest

MAX_FORM_BYTES = 5 * 1024**3
"""S3's own limit of an upload that is one request."""

_UNSIGNED_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
"""botocore takes this Content-Type for one that it has set itself, and signs the request without it (auth.py,
SigV4QueryAuth). It knows it only with the space."""

_METHODS = {
    "get_object": "GET",
    "put_object": "PUT",
    "create_multipart_upload": "POST",
    "upload_part": "PUT",
    "list_parts": "GET",
    "complete_multipart_upload": "POST",
    "abort_multipart_upload": "DELETE",
}
"""The HTTP methods of S3's operations, by the names of boto3's methods."""

_NONE: Mapping[str, str] = MappingProxyType({})


class S3PresignedRequests(S3Bucket):
    """Implements `PresignedRequests` of `chalicelib.core.storage`.

    It signs with botocore's signer. `generate_presigned_url` of boto3's client first builds the request from the
    description of the service: that takes twice as long (`python -m benchmarks.presigning_cost`: 29 ms instead of
    13 for 100 URLs), and doesn't tell which headers to send.
    """

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        query = {"response-content-type": media_type, "response-content-disposition": disposition}
        return self._sign("get_object", key, lifetime, query).url

    def put_url(
        self, key: str, *, size: int, media_type: str, checksum: Checksum | None, lifetime: timedelta
    ) -> PresignedRequest:
        headers = {"Content-Type": _content_type(media_type), "If-None-Match": "*"}
        if checksum is not None:
            headers[f"x-amz-checksum-{checksum.algorithm}"] = base64_checksum(checksum)
        return self._sign("put_object", key, lifetime, headers=headers, size=size)

    def post_form(self, key: str, *, media_type: str, max_bytes: int, lifetime: timedelta) -> PresignedForm:
        fields = {"Content-Type": media_type, "success_action_status": "201"}
        conditions = [
            *({name: value} for name, value in fields.items()),
            ["content-length-range", 0, min(max_bytes, MAX_FORM_BYTES)],
        ]
        with translate_outages():
            form = self._client.generate_presigned_post(
                self._bucket, key, fields, conditions, int(lifetime.total_seconds())
            )
        # Uppy 6.1 appends the key to this URL. boto3's ends with a slash only where the host name has the bucket.
        return PresignedForm(f"{form['url'].rstrip('/')}/", form["fields"])

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
        method = _METHODS[operation]
        length = {} if size is None else {"Content-Length": str(size)}
        with translate_outages():
            credentials = self._session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            url = f"{self._bucket_url}/{quote(key, safe='/~')}"
            request = AWSRequest(method, url, {**headers, **length}, params=dict(query))
            S3SigV4QueryAuth(
                credentials.get_frozen_credentials(),
                "s3",
                self._client.meta.region_name,
                int(lifetime.total_seconds()),
            ).add_auth(request)
        return PresignedRequest(method, str(request.url), headers)

    @cached_property
    def _bucket_url(self) -> str:
        """The bucket's address, as botocore has it for this region and endpoint."""
        url = self._client.generate_presigned_url("head_bucket", Params={"Bucket": self._bucket})
        return url.partition("?")[0].rstrip("/")


def _content_type(media_type: str) -> str:
    return media_type.replace("; ", ";") if media_type.lower() == _UNSIGNED_TYPE else media_type
