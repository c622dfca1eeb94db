"""AWS Signature Version 4: of a request in its headers or its URL, and of a form.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
docs/decisions/0045-s3-without-boto3.md says why this isn't botocore's.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from chalicelib.adapters.aws.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"

EMPTY_PAYLOAD = hashlib.sha256(b"").hexdigest()
"""The hash of a request without a body."""

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
"""Instead of a hash, in a request to S3 whose body may be any."""


class Signer:
    """Signs requests to one service in one region.

    In all methods a path is percent-encoded, as it is sent; it is signed as it is, which only S3 does with paths
    other than `/`. The names and values of a query are not encoded.
    """

    def __init__(self, service: str, region: str) -> None:
        self._service, self._region = service, region

    def sign_headers(
        self,
        credentials: Credentials,
        method: str,
        host: str,
        path: str,
        *,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        payload_hash: str,
    ) -> dict[str, str]:
        """Return all headers to send: the given ones, `Host`, and those of the signature. The query is sent in the
        form of `encode_query`.

        `payload_hash` is the body's SHA-256 in hexadecimal.
        """
        now = current_time()
        sent = {**headers, "Host": host, "x-amz-date": _format_time(now), "x-amz-content-sha256": payload_hash}
        if credentials.token:
            sent["x-amz-security-token"] = credentials.token
        canonical, names = _canonical_headers(sent)
        request = (method, path, encode_query(query), canonical, names, payload_hash)
        signature = self._sign_request(credentials, now, request)
        credential = f"{credentials.access_key}/{self._scope(now)}"
        sent["Authorization"] = (
            f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
        )
        return sent

    def presign_url(
        self,
        credentials: Credentials,
        method: str,
        url: str,
        *,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        lifetime: timedelta,
        payload_hash: str,
    ) -> str:
        """Return the URL with the query and the signature, valid for the lifetime. A request of it must have these
        headers. `url` has no query."""
        now = current_time()
        host, slash, path = url.partition("://")[2].partition("/")
        canonical, names = _canonical_headers({**headers, "host": host})
        parameters = {
            **query,
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{credentials.access_key}/{self._scope(now)}",
            "X-Amz-Date": _format_time(now),
            "X-Amz-Expires": str(int(lifetime.total_seconds())),
            "X-Amz-SignedHeaders": names,
        }
        if credentials.token:
            parameters["X-Amz-Security-Token"] = credentials.token
        encoded = _encode(parameters)
        request = (method, slash + path, _join(sorted(encoded)), canonical, names, payload_hash)
        signature = self._sign_request(credentials, now, request)
        return f"{url}?{_join(encoded)}&X-Amz-Signature={signature}"

    def sign_form(
        self, credentials: Credentials, conditions: Iterable[Any], lifetime: timedelta
    ) -> dict[str, str]:
        """Return the fields that sign a form of S3, whose other fields must fulfill the conditions.

        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        now = current_time()
        fields = {
            "x-amz-algorithm": ALGORITHM,
            "x-amz-credential": f"{credentials.access_key}/{self._scope(now)}",
            "x-amz-date": _format_time(now),
        }
        if credentials.token:
            fields["x-amz-security-token"] = credentials.token
        policy = {
            "expiration": (now + lifetime).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "conditions": [*conditions, *({name: value} for name, value in fields.items())],
        }
        encoded = base64.b64encode(json.dumps(policy).encode()).decode()
        return {**fields, "policy": encoded, "x-amz-signature": self._sign_text(credentials, now, encoded)}

    def _sign_request(self, credentials: Credentials, now: datetime, request: Iterable[str]) -> str:
        """Return the signature of a canonical request, given by its lines."""
        digest = hashlib.sha256("\n".join(request).encode()).hexdigest()
        text = f"{ALGORITHM}\n{_format_time(now)}\n{self._scope(now)}\n{digest}"
        return self._sign_text(credentials, now, text)

    def _sign_text(self, credentials: Credentials, now: datetime, text: str) -> str:
        key = _signing_key(credentials.secret_key, _format_date(now), self._region, self._service)
        return _hmac(key, text).hex()

    def _scope(self, now: datetime) -> str:
        return f"{_format_date(now)}/{self._region}/{self._service}/aws4_request"


def encode_query(query: Mapping[str, str]) -> str:
    """Return the query as it is signed: percent-encoded and in order."""
    return _join(sorted(_encode(query)))


def current_time() -> datetime:
    """Return the time that signatures have."""
    return datetime.now(UTC)


def _format_time(time: datetime) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ")


def _format_date(time: datetime) -> str:
    return time.strftime("%Y%m%d")


def _canonical_headers(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the headers as they are signed, and their names."""
    canonical = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    return "".join(f"{name}:{value}\n" for name, value in canonical), ";".join(name for name, _ in canonical)


def _encode(query: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the names and values, percent-encoded."""
    return [(quote(name, safe=""), quote(value, safe="")) for name, value in query.items()]


def _join(encoded: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in encoded)


@lru_cache(maxsize=8)
def _signing_key(secret_key: str, date: str, region: str, service: str) -> bytes:
    """Return what signs a day's requests."""
    key = f"AWS4{secret_key}".encode()
    for part in (date, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
