"""A bucket, and what makes requests to it.

Requests about objects, which routes and functions make all the time, are signed and sent by this package. boto3
makes those of multipart uploads. It is loaded when it is first used: docs/decisions/0045-s3-without-boto3.md.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from threading import RLock
from types import MappingProxyType
from typing import TYPE_CHECKING

from chalicelib.adapters.aws.credentials import MissingRegionError, find_region
from chalicelib.adapters.aws.signature import EMPTY_PAYLOAD
from chalicelib.adapters.s3 import timeouts
from chalicelib.adapters.s3.addresses import find_bucket_url
from chalicelib.adapters.s3.errors import NoResponseError, RefusedError
from chalicelib.adapters.s3.timeouts import ATTEMPTS, Timeouts

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from chalicelib.adapters.s3.connection_pool import Response
    from chalicelib.adapters.s3.signed_requests import SignedRequests


class S3Bucket:
    """A bucket, and its clients, each of which is made when it is first used."""

    def __init__(self, bucket: str, endpoint_url: str | None = None) -> None:
        """`endpoint_url` is an emulator's."""
        self._bucket, self._endpoint_url = bucket, endpoint_url
        self._lock = RLock()
        self._built_client: S3Client | None = None
        self._built_requests: SignedRequests | None = None

    def warm_up(self) -> None:
        """Build what sends the requests of most routes."""
        _ = self._requests

    def _send(
        self,
        operation: str,
        path: str = "",
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        query: Mapping[str, str] = MappingProxyType({}),
        body: bytes | None = None,
        payload_hash: str = EMPTY_PAYLOAD,
        limits: Timeouts | None = None,
        attempts: int = ATTEMPTS,
    ) -> "Response":
        """Send a request without boto3; most parameters are fields of `signed_requests.Request`."""
        from chalicelib.adapters.s3.signed_requests import Request  # loads an HTTP client

        request = Request(operation, path, query, headers, body, payload_hash)
        return self._requests.send(request, limits or timeouts.OF_REQUESTS, attempts)

    @property
    def _requests(self) -> "SignedRequests":
        with self._lock:
            if self._built_requests is None:
                from chalicelib.adapters.s3.signed_requests import SignedRequests

                self._built_requests = SignedRequests(self._bucket_url, self._region)
            return self._built_requests

    @property
    def _client(self) -> "S3Client":
        """The client of boto3."""
        with self._lock:
            if self._built_client is None:
                self._built_client = self._make_client()
            return self._built_client

    def _make_client(self) -> "S3Client":
        import boto3
        from botocore.config import Config

        config = Config(
            signature_version="s3v4",  # by default, boto3 presigns with the older version
            s3={"addressing_style": "path" if self._endpoint_url else "virtual"},
            connect_timeout=timeouts.OF_REQUESTS.connect,
            read_timeout=timeouts.OF_REQUESTS.read,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            # Threads share the client in development; a Lambda container needs one connection.
            max_pool_connections=32,
        )
        with convert_boto_errors():
            return boto3.session.Session().client("s3", endpoint_url=self._endpoint_url, config=config)

    @cached_property
    def _region(self) -> str:
        try:
            return find_region()
        except MissingRegionError:
            return self._client.meta.region_name

    @cached_property
    def _bucket_url(self) -> str:
        """The bucket's address, as botocore has it for this region and endpoint."""
        found = find_bucket_url(self._bucket, self._region, self._endpoint_url)
        if found is not None:
            return found
        with convert_boto_errors():
            url = self._client.generate_presigned_url("head_bucket", Params={"Bucket": self._bucket})
        return url.partition("?")[0].rstrip("/")


@contextmanager
def convert_boto_errors() -> Iterator[None]:
    """Raise this package's errors for those of boto3's client."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        given = error.response.get("Error", {})
        raise RefusedError(
            error.operation_name, status, given.get("Code", ""), given.get("Message", "")
        ) from error
    except BotoCoreError as error:
        raise NoResponseError(type(error).__name__) from error
