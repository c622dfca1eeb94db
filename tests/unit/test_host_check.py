"""Requests to unknown host names are refused."""

from typing import Any

import pytest
from chalice.app import Request

from chalicelib.http.host_check import is_known_host


def request(host: str | None, context: dict[str, Any]) -> Request:
    """Return a request with this Host header and API Gateway's context."""
    event: dict[str, Any] = {
        "multiValueQueryStringParameters": None,
        "headers": {} if host is None else {"Host": host},
        "pathParameters": {},
        "requestContext": {"httpMethod": "GET", "resourcePath": "/", **context},
        "stageVariables": None,
        "body": None,
    }
    return Request(event)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8000", "[::1]:8000", "localhost:8000", "LocalHost", "files.localhost:1", None],
)
def test_loopback_host_names_are_known(host: str | None) -> None:
    assert is_known_host(request(host, {}), [])


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "evillocalhost",
        "127.0.0.1@evil.example",
        "127.0.0.1, evil.example",
        "localhost:8000:1",
        "127.0.0.1/",
        "[::1",
        "::1",
        "0.0.0.0",
        "192.168.1.5:8000",
    ],
)
def test_other_host_names_are_unknown(host: str) -> None:
    assert not is_known_host(request(host, {}), ["http://localhost:8000", "https://files.example/v1"])


@pytest.mark.parametrize("host", ["files.example", "FILES.example:8443", "api:8000", "[fd00::1]:80"])
def test_host_names_of_public_urls_are_known(host: str) -> None:
    assert is_known_host(request(host, {}), ["https://files.example/v1", "http://api:8000", "http://[fd00::1]"])


def test_every_host_name_is_known_behind_api_gateway() -> None:
    assert is_known_host(request("x.execute-api.us-east-1.amazonaws.com", {"domainName": "x.example"}), [])
