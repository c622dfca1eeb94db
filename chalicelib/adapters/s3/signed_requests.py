"""Requests about single objects, without boto3."""

import random
import re
import time
from collections.abc import Mapping
from http.client import HTTPException
from urllib.parse import urlsplit

from chalicelib.adapters.aws.credentials import MissingCredentialsError, find_credentials
from chalicelib.adapters.aws.signature import Signer
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


class SignedRequests:
    """Sends signed requests to a bucket. All of them are idempotent, so they may be repeated."""

    def __init__(self, bucket_url: str, region: str) -> None:
        parts = urlsplit(bucket_url)
        self._pool = ConnectionPool(bucket_url)
        self._host, self._base = parts.netloc, parts.path
        self._signer = Signer("s3", region)

    def send(
        self,
        operation: str,
        path: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        payload_hash: str,
        timeouts: Timeouts,
        attempts: int,
    ) -> Response:
        """Send a request of an operation, and return its response, whose status is 2xx.

        `path` is a percent-encoded key, empty for the bucket itself; `payload_hash` is the body's SHA-256
        in hexadecimal. Raises RefusedError and NoResponseError.
        """
        for attempt in range(1, attempts + 1):
            try:
                response = self._send_once(METHODS[operation], path, headers, body, payload_hash, timeouts)
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
                    raise RefusedError(documented_name(operation), response.status, code)
            time.sleep(random.uniform(0, MAX_PAUSE))  # noqa: S311  # no secret
        raise AssertionError("there is at least one attempt")

    def _send_once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        payload_hash: str,
        timeouts: Timeouts,
    ) -> Response:
        target = f"{self._base}/{path}" if path else self._base or "/"
        try:
            credentials = find_credentials()
        except MissingCredentialsError as error:
            raise NoResponseError(type(error).__name__) from error
        signed = self._signer.sign_headers(
            credentials, method, self._host, target, headers=headers, payload_hash=payload_hash
        )
        return self._pool.request(method, target, signed, body, timeouts)


def _error_code(response: Response) -> str:
    """Return S3's code of the error. The response to a HEAD has none, and its status counts."""
    found = _CODE.search(response.body)
    return found[1].decode() if found else str(response.status)
