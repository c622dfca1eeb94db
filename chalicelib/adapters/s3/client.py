"""A bucket and the clients of boto3 that make requests to it."""

from threading import Lock
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

READ_TIMEOUT = 10
"""Seconds without a byte after which a request fails."""

PROBE_TIMEOUT = 3


class S3Bucket:
    """A bucket, its client, and one for health checks."""

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
