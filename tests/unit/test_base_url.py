"""The base of the URLs in responses."""

from typing import Any

import pytest
from chalice.app import Request

from chalicelib.http.base_url import find_base_url


@pytest.mark.parametrize(
    ("context", "public_urls", "url"),
    [
        ({}, [], "http://127.0.0.1:8000"),
        ({"domainName": "x.example", "path": "/v1/api/files"}, [], "https://x.example/v1"),
        ({"domainName": "files.example", "path": "/api/files/"}, [], "https://files.example"),
        ({"domainName": "x.example", "path": "/v1/api/files"}, ["https://mine.example"], "https://mine.example"),
        ({}, ["http://localhost:8000", "http://routes:8000"], "http://localhost:8000"),
    ],
)
def test_base_url_by_setting_or_gateway(context: dict[str, Any], public_urls: list[str], url: str) -> None:
    assert find_base_url(request(context, "evil.example"), public_urls) == url


def test_the_host_header_selects_among_several_public_urls() -> None:
    public_urls = ["http://localhost:8000", "http://Routes:8000/v1"]
    assert find_base_url(request({}, "routes:8000"), public_urls) == "http://Routes:8000/v1"
    assert find_base_url(request({}, "routes:8001"), public_urls) == "http://localhost:8000"


@pytest.mark.parametrize("host", ["127.0.0.1:8311", "localhost:8311", "[::1]:8311", "localhost", "LOCALHOST:80"])
def test_a_loopback_host_is_the_base_url_without_a_setting(host: str) -> None:
    assert find_base_url(request({}, host), []) == f"http://{host.lower()}"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8311",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "localhost:8311@evil.example",
        "localhost:8311/path",
        "localhost:8311?query",
        "localhost:8311#fragment",
        "localhost:123456",
        "localhost:\u0663",
        "localhost:",
        "localhost:80\nX-Header: x",
        "evil.example localhost",
        "[::1",
        "::1",
        "",
    ],
)
def test_any_other_host_is_not_repeated(host: str) -> None:
    assert find_base_url(request({}, host), []) == "http://127.0.0.1:8000"


@pytest.mark.parametrize("host", ["127.0.0.1:8311", "localhost:8311"])
def test_a_loopback_host_is_ignored_with_a_setting_or_behind_api_gateway(host: str) -> None:
    assert find_base_url(request({}, host), ["https://mine.example"]) == "https://mine.example"
    context = {"domainName": "x.example", "path": "/v1/api/files"}
    assert find_base_url(request(context, host), []) == "https://x.example/v1"


def request(context: dict[str, Any], host: str) -> Request:
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": {"host": host, "x-forwarded-host": "evil.example"},
            "pathParameters": {},
            "requestContext": {"httpMethod": "GET", "resourcePath": "/api/files", **context},
            "body": None,
            "stageVariables": None,
        }
    )
