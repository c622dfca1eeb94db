"""Requests about objects, without boto3."""

import random
import re
import time
from collections.abc import Mapping
from http.client import HTTPException
from urllib.parse import urlsplit

from msgspec import Struct

from chalicelib.adapters.aws.credentials import find_credentials
from chalicelib.adapters.aws.signature import Signer, encode_query
from chalicelib.adapters.s3.connection_pool import ConnectionPool, Response
from chalicelib.adapters.s3.errors import NoResponseError, RefusedError
from chalicelib.adapters.s3.operations import METHODS, documented_name
from chalicelib.adapters.s3.timeouts import Timeouts

MAX_PAUSE = 1.0
"""Seconds before a request is repeated, at most: a random part of them, so that not all clients come at once."""

_REPEATED = frozenset({500, 502, 503, 504})
_TIMED_OUT = "RequestTimeout"
"""S3 waited too long for the body. This and those above are worth another attempt.
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""

_CODE = re.compile(rb"<Code>(\w+)</Code>")


class Request(Struct, frozen=True):
    """A request of an operation."""

    operation: str
    path: str
    """A percent-encoded key, or empty for the bucket itself."""
    query: Mapping[str, str]
    """Not encoded."""
    headers: Mapping[str, str]
    body: bytes | None
    payload_hash: str
    """The body's SHA-256 in hexadecimal."""


class SignedRequests:
    """Sends signed requests to a bucket. All of them are idempotent, so they may be repeated."""

    def __init__(self, bucket_url: str, region: str) -> None:
        parts = urlsplit(bucket_url)
        self._pool = ConnectionPool(bucket_url)
        self._host, self._base = parts.netloc, parts.path
        self._signer = Signer("s3", region)

    def send(self, request: Request, timeouts: Timeouts, attempts: int) -> Response:
        """Send a request and return its response, whose status is 2xx.

        Raises RefusedError, NoResponseError and MissingCredentialsError.
        """
        for attempt in range(1, attempts + 1):
            try:
                response = self._send_once(request, timeouts)
            except (OSError, HTTPException) as error:
                self._pool.close_idle()  # they may be as dead as this one
                if attempt == attempts:
                    raise NoResponseError(type(error).__name__) from error
                if isinstance(error, ConnectionError):
                    continue  # S3 has closed an idle connection, perhaps while Lambda had frozen this process
            else:
                if response.status < 300:
                    return response
                code = _error_code(response)
                if attempt == attempts or not (response.status in _REPEATED or code == _TIMED_OUT):
                    raise RefusedError(documented_name(request.operation), response.status, code)
            time.sleep(random.uniform(0, MAX_PAUSE))  # noqa: S311  # no secret
        raise AssertionError("there is at least one attempt")

    def _send_once(self, request: Request, timeouts: Timeouts) -> Response:
        method = METHODS[request.operation]
        path = f"{self._base}/{request.path}" if request.path else self._base or "/"
        headers = self._signer.sign_headers(
            find_credentials(),
            method,
            self._host,
            path,
            query=request.query,
            headers=request.headers,
            payload_hash=request.payload_hash,
        )
        target = f"{path}?{encode_query(request.query)}" if request.query else path
        return self._pool.request(method, target, headers, request.body, timeouts)


def _error_code(response: Response) -> str:
    """Return S3's code of the error. The response to a HEAD has none, and its status counts."""
    found = _CODE.search(response.body)
    return found[1].decode() if found else str(response.status)
