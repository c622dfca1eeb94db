"""HEAD and OPTIONS of every kind of URL, and what web pages of other origins may read."""

import os
from collections.abc import Iterator

import pytest
import requests

from file_loader_client import File
from tests.acceptance.client import Client

UNKNOWN_ID = "01930000-0000-7000-8000-000000000000"
PATHS = {
    "/api/upload": "POST, OPTIONS",
    "/api/files": "GET, HEAD, OPTIONS",
    f"/api/files/{UNKNOWN_ID}": "GET, HEAD, PATCH, DELETE, OPTIONS",
    f"/api/files/{UNKNOWN_ID}/content": "GET, HEAD, OPTIONS",
    f"/api/files/{UNKNOWN_ID}/reprocess": "POST, OPTIONS",
    "/api/changes": "GET, HEAD, OPTIONS",
    "/api/health": "GET, HEAD, OPTIONS",
}


@pytest.fixture(scope="module")
def file(client: Client) -> Iterator[File]:
    file = client.upload_raw("a.txt", b"hello", "text/plain")
    yield client.wait_until_terminal(file.id)
    client.delete(file.id)


@pytest.fixture
def page(request: pytest.FixtureRequest) -> str:
    """An origin in the service's CORS_ORIGINS: of the installation at BASE_URL, its first one."""
    if "BASE_URL" not in os.environ:
        return str(request.getfixturevalue("cors_origin"))
    if "CORS_ORIGINS" not in os.environ:
        pytest.skip("CORS_ORIGINS doesn't say which origins the service at BASE_URL has")
    return os.environ["CORS_ORIGINS"].split()[0]


@pytest.mark.parametrize(("path", "allowed"), PATHS.items())
@pytest.mark.parametrize("suffix", ["", "/", "?unknown=1"])
def test_options_returns_the_methods(client: Client, path: str, allowed: str, suffix: str) -> None:
    response = client.request("OPTIONS", path + suffix, headers={"Content-Type": "image/png"})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/files/", 200),
        ("/api/files/{id}", 200),
        ("/api/files/{id}/content", 302),
        ("/api/files/{id}/timeline", 200),
        ("/api/files/{id}/thumbnail", 404),
        (f"/api/files/{UNKNOWN_ID}", 404),
        ("/api/files/x", 400),
        ("/api/files?limit=0", 400),
        ("/api/changes", 200),
        ("/api/health", 200),
    ],
)
def test_head_is_get_without_the_body(client: Client, file: File, path: str, status: int) -> None:
    """`requests` uses the connection of HEAD for GET, whose response would begin with a body sent before."""
    url = path.format(id=file.id)
    head = client.request("HEAD", url)
    response = client.request("GET", url)
    assert (head.status_code, head.content) == (response.status_code, b"") == (status, b"")
    assert response.content or status == 302
    for name in ("Content-Type", "ETag", "Cache-Control"):
        assert head.headers.get(name) == response.headers.get(name)
    assert ("Location" in head.headers) is ("Location" in response.headers)


def test_head_of_the_clients_version_is_304(client: Client, file: File) -> None:
    etag = client.request("HEAD", f"/api/files/{file.id}").headers["ETag"]
    response = client.request("HEAD", f"/api/files/{file.id}", headers={"If-None-Match": etag})
    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", etag)


def test_preflight_of_a_listed_origin(client: Client, page: str) -> None:
    response = preflight(client, page)
    assert response.status_code == 204
    assert cors_headers(response) == {
        "access-control-allow-origin": page,
        "access-control-allow-methods": "GET, HEAD, PATCH, DELETE, OPTIONS",
        "access-control-allow-headers": "Authorization, Content-Type, If-None-Match, X-Owner",
        "access-control-max-age": "3600",
    }
    assert "Origin" in response.headers["Vary"]


def test_page_of_a_listed_origin_reads_headers_and_errors(client: Client, page: str, file: File) -> None:
    response = client.request("GET", f"/api/files/{file.id}", headers={"Origin": page})
    assert cors_headers(response) == {
        "access-control-allow-origin": page,
        "access-control-expose-headers": "ETag",
    }
    response = client.request("GET", f"/api/files/{UNKNOWN_ID}", headers={"Origin": page})
    assert (response.status_code, cors_headers(response)) == (404, {"access-control-allow-origin": page})


@pytest.mark.usefixtures("page")
def test_page_of_another_origin_gets_no_cors_headers(client: Client) -> None:
    assert cors_headers(preflight(client, "https://evil.example")) == {}
    response = client.request("GET", "/api/files", headers={"Origin": "https://evil.example"})
    assert (response.status_code, cors_headers(response)) == (200, {})


def preflight(client: Client, origin: str) -> requests.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    return client.request("OPTIONS", f"/api/files/{UNKNOWN_ID}", headers=headers)


def cors_headers(response: requests.Response) -> dict[str, str]:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return {name: value for name, value in headers.items() if name.startswith("access-control-")}
