"""What web pages of other origins may read, by CORS_ORIGINS."""

from collections.abc import Iterator

import pytest
from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import container
from chalicelib.settings import InvalidSettingError, from_environ

PAGE = "https://app.example"
OTHER_PAGE = "http://localhost:3000"
UNLISTED = [
    "https://evil.example",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://www.app.example",
    "HTTPS://app.example",
    "https://app.example http://localhost:3000",
    "null",
    "",
]


@pytest.fixture(autouse=True)
def _origins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CORS_ORIGINS", f"{PAGE} {OTHER_PAGE}")
    container.reset()
    yield
    container.reset()


def send(method: str, path: str, **headers: str) -> HTTPResponse:
    with Client(app) as client:
        return client.http.request(method, path, headers=headers)


def cors_headers(response: HTTPResponse) -> dict[str, str]:
    prefix = "Access-Control-"
    return {name.removeprefix(prefix): v for name, v in response.headers.items() if name.startswith(prefix)}


def preflight(path: str, origin: str = PAGE, method: str = "PATCH") -> HTTPResponse:
    return send("OPTIONS", path, Origin=origin, **{"Access-Control-Request-Method": method})


@pytest.mark.parametrize("origin", [PAGE, OTHER_PAGE])
def test_preflight_of_a_listed_origin(origin: str) -> None:
    response = preflight("/api/files/x", origin)
    assert (response.status_code, response.body, response.headers["Vary"]) == (204, b"", "Origin")
    assert cors_headers(response) == {
        "Allow-Origin": origin,
        "Allow-Methods": response.headers["Allow"],
        "Allow-Headers": "Authorization, Content-Type, If-None-Match, X-Owner",
        "Max-Age": "3600",
    }


def test_preflight_allows_the_headers_that_the_path_declares() -> None:
    """And of protected paths, the token and the owner."""
    allowed = {path: cors_headers(preflight(path)).get("Allow-Headers", "") for path in app.routes}
    protected = {
        path for path, headers in allowed.items() if {"Authorization", "X-Owner"} <= set(headers.split(", "))
    }
    pages = {"/", "/assets/{name}", "/dropzone.js", "/api/docs", "/api/docs/assets/{name}", "/api/sign-in"}
    assert set(allowed) - protected == {"/api/health", "/api/openapi.json", *pages}
    others = {
        path: ", ".join(sorted({*headers.split(", ")} - {"Authorization", "X-Owner"}))
        for path, headers in allowed.items()
    }
    below_token = {path.removeprefix("/u/{upload_token}") for path in others if path.startswith("/u/")}
    assert below_token == {path for path in others if path.startswith("/s3/")}
    assert all(others[f"/u/{{upload_token}}{path}"] == others[path] for path in below_token)
    assert {path: headers for path, headers in others.items() if headers and not path.startswith("/u/")} == {
        "/api/upload": "Content-Disposition, Content-Type",
        "/api/uploads": "Content-Type, Idempotency-Key",
        "/api/uploads/{upload_id}/parts": "Content-Type",
        "/api/uploads/{upload_id}/complete": "Content-Type",
        "/api/admin/reprocess": "Content-Type",
        "/api/tokens": "Content-Type",
        "/api/upload-tokens": "Content-Type",
        "/s3/multipart": "Content-Type",
        "/s3/multipart/{upload_id}/complete": "Content-Type",
        "/s3/sign": "Content-Type",
        "/api/files/{file_id}": "Content-Type, If-None-Match",
        "/api/openapi.json": "If-None-Match",
    }


@pytest.mark.parametrize("origin", UNLISTED)
@pytest.mark.parametrize("method", ["OPTIONS", "GET"])
def test_another_origin_gets_the_response_of_a_program(origin: str, method: str) -> None:
    """It isn't refused: a program may send this header, too."""
    request = {"Access-Control-Request-Method": "GET"} if method == "OPTIONS" else {}
    response = send(method, "/api/files/x", Origin=origin, **request)
    assert response.status_code == (204 if method == "OPTIONS" else 400)
    assert cors_headers(response) == {}
    assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/api/files/x", {}, 400),
        ("HEAD", "/api/files/x", {}, 400),
        ("GET", "/api/files?limit=0", {}, 400),
        ("POST", "/api/upload", {"Content-Type": "text/plain"}, 415),
        ("GET", "/api/files", {"Host": "evil.example"}, 421),
        ("OPTIONS", "/api/files", {}, 204),
    ],
)
def test_a_page_reads_errors_too(method: str, path: str, headers: dict[str, str], status: int) -> None:
    response = send(method, path, Origin=PAGE, **headers)
    assert (response.status_code, response.headers["Vary"]) == (status, "Origin")
    assert cors_headers(response)["Allow-Origin"] == PAGE


def test_a_page_reads_the_methods_of_a_405() -> None:
    response = send("PUT", "/api/files", Origin=PAGE)
    assert response.status_code == 405
    assert cors_headers(response) == {"Allow-Origin": PAGE, "Expose-Headers": "Allow"}


def test_no_response_has_credentials() -> None:
    """The API has no cookies. https://fetch.spec.whatwg.org/#http-access-control-allow-credentials"""
    for response in (preflight("/api/files"), send("GET", "/api/files/x", Origin=PAGE)):
        assert "Allow-Credentials" not in cors_headers(response)


@pytest.mark.parametrize(
    "value",
    [
        "https://app.example",
        "http://localhost:3000 https://app.example:65535",
        "http://[::1]:8000\nhttp://127.0.0.1",
        "http://[fd00:1:0:2::a]",
        "http://xn--bcher-kva.example",
    ],
)
def test_origins_are_separated_by_spaces(value: str) -> None:
    assert from_environ({"CORS_ORIGINS": value}).cors_origins == tuple(value.split())


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "null",
        "app.example",
        "https://*.app.example",
        "https://app.example/",
        "https://app.example/page",
        "https://app.example?x",
        "https://user@app.example",
        "https://App.example",
        "https://app.example:443",
        "http://app.example:80",
        "https://app.example:65536",
        "https://app.example:08443",
        "https://app.example:",
        "ftp://app.example",
        "https://",
        "https://bücher.example",
        "http://[0:0:0:0:0:0:0:1]:8000",
        "http://[::0001]",
        "http://[::1",
        "http://[.]",
        "http://[::ffff:127.0.0.1]",
        "https://app.example,https://b.example",
        "https://app.example *",
        "https://app.example'",
    ],
)
def test_what_no_browser_sends_is_no_origin(value: str) -> None:
    with pytest.raises(InvalidSettingError, match="CORS_ORIGINS must have origins as browsers send them"):
        from_environ({"CORS_ORIGINS": value})
