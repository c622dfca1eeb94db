"""Every response says that its type isn't to be guessed, and who may keep it."""

import re

import pytest
from chalice.test import HTTPResponse

from app import app
from tests.integration.conftest import Service, form

ROUTES = sorted(
    ((method, path) for path, methods in app.routes.items() for method in methods),
    key=lambda route: route[0] == "DELETE",
)
"""The whole route table; what deletes comes last."""

FOR_ANYONE = dict.fromkeys(("/", "/dropzone.js", "/api/docs", "/api/openapi.json"), "no-cache")
"""Pages that hold no data, and what they say."""


def check(response: HTTPResponse, cache_control: str | None = None) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    assert headers["x-content-type-options"] == "nosniff"
    expected = cache_control or ("private, no-cache" if "etag" in headers else "no-store")
    assert headers["cache-control"] == expected


@pytest.mark.parametrize("known", [True, False])
def test_every_response_of_every_route(service: Service, known: bool) -> None:
    """`known`: of a file that exists, so that most succeed. Otherwise most are errors."""
    file = service.upload("a.png", b"\x89PNG\r\n\x1a\n")
    statuses = set()
    for method, path in ROUTES:
        url = re.sub(r"\{\w+\}", file["id"] if known else "x", path)
        response = service.http.request(method, url, headers={"Content-Type": "application/json"}, body=b"{}")
        statuses.add(response.status_code)
        is_page = path in FOR_ANYONE and response.status_code == 200 and method != "OPTIONS"
        check(response, FOR_ANYONE[path] if is_page else None)
    assert {200, 204, 302, 422} <= statuses if known else {200, 204, 400, 404, 415} <= statuses


def test_what_has_a_presigned_url_is_kept_nowhere(service: Service) -> None:
    file = service.upload()
    responses = [
        service.http.get(f"/api/files/{file['id']}/content"),
        service.http.post(
            "/api/uploads", headers={"Content-Type": "application/json"}, body=b'{"name": "a", "size": 9}'
        ),
        service.http.post(
            "/s3/sign",
            headers={"Content-Type": "application/json"},
            body=b'{"method": "PUT", "key": "a.txt"}',
        ),
    ]
    for response in responses:
        text = str(response.headers) + response.body.decode()
        assert "X-Amz-Signature" in text
        check(response, "no-store")


def test_responses_that_no_route_makes(service: Service) -> None:
    check(service.http.request("PUT", "/api/files"))
    check(service.http.get("/api/files", headers={"Host": "evil.example"}))
    check(service.http.post("/api/upload", **form("a" * 5000, b"")))
    check(service.http.request("HEAD", "/api/files"))


def test_an_unexpected_failure(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("chalicelib.http.file_list.list_files", fail)
    response = service.http.get("/api/files")
    assert response.status_code == 500
    check(response)


def test_a_files_own_version_may_be_kept_by_its_client(service: Service) -> None:
    file = service.upload()
    shown = service.http.get(f"/api/files/{file['id']}")
    check(shown, "private, no-cache")
    again = service.http.get(f"/api/files/{file['id']}", headers={"If-None-Match": shown.headers["ETag"]})
    assert again.status_code == 304
    check(again, "private, no-cache")
