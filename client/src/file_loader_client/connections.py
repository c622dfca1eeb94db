"""HTTP connections to the service and to S3, and which requests on them are tried again."""

import ssl
import sys
from collections.abc import Mapping
from io import RawIOBase
from threading import Lock
from typing import Any, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import truststore
from urllib3 import BaseHTTPResponse, PoolManager, ProxyManager, Retry, Timeout
from urllib3.exceptions import HTTPError, InvalidHeader, MaxRetryError, ResponseError

from file_loader_client.errors import UnreachableError
from file_loader_client.version import VERSION


class BoundedRetry(Retry):
    """Returns a response that asks for a longer pause than `retry_after_max`, such as one until midnight. The base
    class would send the request again too early."""

    def increment(self, *arguments: Any, **options: Any) -> Self:
        response: BaseHTTPResponse | None = options.get("response")
        pause = None if response is None else retry_after(response)
        if pause is not None and pause > self.retry_after_max:
            raise MaxRetryError(options["_pool"], "", ResponseError(f"a pause of {pause:g} s"))
        return super().increment(*arguments, **options)


def retry_after(response: BaseHTTPResponse) -> float | None:
    """Return the seconds of the header Retry-After, None without one, or if it is wrong."""
    try:
        return Retry(retry_after_max=sys.maxsize).get_retry_after(response)
    except InvalidHeader:
        return None


SERVICE_RETRIES = BoundedRetry(
    total=6,
    connect=3,  # 3 s: a service that isn't there should be noticed soon
    read=2,  # each may take the whole timeout
    other=1,  # such as a certificate that isn't valid
    status_forcelist=[429, 500, 502, 503, 504],
    allowed_methods=None,  # every call can be repeated: uploads are created with a key
    backoff_factor=0.5,
    backoff_max=30,
    backoff_jitter=0.5,
    retry_after_max=60,
    redirect=False,
    raise_on_status=False,
)
"""Half a minute in total, or three times the timeout of a silent server. A pause in Retry-After is made, unless it
is longer than a minute."""

CREATION_RETRIES = SERVICE_RETRIES.new(read=0, other=0)
"""For what would be created a second time if a request whose response was lost were sent again."""

S3_RETRIES = SERVICE_RETRIES.new(
    total=8, connect=8, read=8, other=8, status_forcelist=[409, 429, 500, 502, 503, 504]
)
"""One and a half minutes, or nine times the timeout. S3 responds with 409 to a PUT during another one of the
same key.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html"""

BLOCK_BYTES = 128 * 1024
"""What is read of a file and sent at once. A whole block has to be sent within the timeout."""


class Connections:
    """Keep-alive connections. Certificates are verified as the system does; HTTPS_PROXY and its kin are used."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._lock = Lock()
        self._pools: dict[tuple[str, str | None], PoolManager] = {}

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        retries: Retry,
        body: bytes | RawIOBase | None = None,
        wait: float = 0,
        stream: bool = False,
    ) -> BaseHTTPResponse:
        """Send a request, and return the response whatever its status is. No redirect is followed.

        `wait` is how many seconds the server may take besides the timeout. With `stream`, the caller reads the
        body, and releases the connection. Raises UnreachableError.
        """
        try:
            return self._pool(url).request(
                method,
                url,
                headers={"User-Agent": f"file-loader-client/{VERSION}", **headers},
                body=body,
                timeout=Timeout(connect=self._timeout, read=self._timeout + wait),
                retries=retries,
                redirect=False,
                preload_content=not stream,
            )
        except HTTPError as error:
            reason = error.reason if isinstance(error, MaxRetryError) else error
            raise UnreachableError(f"{urlsplit(url).netloc} doesn't respond: {reason}") from error

    def close(self) -> None:
        """Close all connections."""
        for pool in list(self._pools.values()):
            pool.clear()

    def _pool(self, url: str) -> PoolManager:
        parts = urlsplit(url)
        proxy = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
        with self._lock:
            if (parts.scheme, proxy) not in self._pools:
                self._pools[parts.scheme, proxy] = _new_pool(parts.scheme, proxy)
            return self._pools[parts.scheme, proxy]


def _new_pool(scheme: str, proxy: str | None) -> PoolManager:
    options: dict[str, Any] = {"maxsize": 32, "blocksize": BLOCK_BYTES}
    if scheme == "https":  # reading the certificates takes a while
        options["ssl_context"] = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return PoolManager(**options) if proxy is None else ProxyManager(proxy, **options)
