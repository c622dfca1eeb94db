"""The routes of the web pages: headers, URLs that fit any stage, names of assets, and pages that aren't built."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from chalice.app import Request
from chalice.test import Client, HTTPResponse

import app as chalice_app
from chalicelib import container
from chalicelib.core.errors import STORAGE_UNAVAILABLE, ServiceError
from chalicelib.http.errors import ASSET_NOT_FOUND, PAGE_NOT_BUILT
from chalicelib.http.pages import built_files, page_urls
from chalicelib.http.pages.page_responses import content_security_policy
from chalicelib.http.pages.page_urls import relative_api_url, relative_root_url
from tests.unit.http_requests import get_request

PAGE = (
    '<link href="./openapi.json"><link href="./docs/assets/docs-0a1b2c3d4e.css">'
    '<script src="./../assets/docs-7GQ2HKLW.js"></script>'
)


class Service:
    """Sends requests to the app without a server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, path: str) -> HTTPResponse:
        return self._client.http.get(path)

    def error(self, path: str) -> tuple[int, str, str]:
        """Return status, code and message of an error."""
        response = self.get(path)
        body = json.loads(response.body)
        return response.status_code, body["error"], body["message"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Built pages in a folder of the test's own, and a file beside them."""
    assets = tmp_path / "web" / "docs" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "web" / "docs" / "index.html").write_text(PAGE)
    for name in ("docs-0a1b2c3d4e.js", "docs-0a1b2c3d4e.css", "icon.svg", "licences.txt", "page.html"):
        (assets / name).write_text(f"content of {name}")
    (tmp_path / "web" / "secret.txt").write_text("secret")
    (tmp_path / "web" / "docs" / "secret.txt").write_text("secret")
    monkeypatch.setattr(built_files, "FOLDER", tmp_path / "web")
    return tmp_path / "web"


@pytest.fixture
def service(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:  # noqa: ARG001
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    container.reset()
    with Client(chalice_app.app) as client:
        yield Service(client)
    container.reset()


class TestPage:
    def test_page_is_asked_for_each_time_and_may_load_only_what_it_needs(self, service: Service) -> None:
        response = service.get("/api/docs")
        assert response.status_code == 200
        assert response.headers == {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-cache",
            "Content-Security-Policy": content_security_policy("http://127.0.0.1:4566"),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }

    @pytest.mark.parametrize("origin", ["https://bucket.s3.eu-west-1.amazonaws.com", None])
    def test_policy_allows_nothing_unsafe_and_no_other_host(self, origin: str | None) -> None:
        directives = dict(part.split(" ", 1) for part in content_security_policy(origin).split("; "))
        assert directives["default-src"] == "'none'"
        assert directives["frame-ancestors"] == directives["base-uri"] == directives["form-action"] == "'none'"
        assert directives["script-src"] == directives["style-src"] == "'self'"
        assert [name for name, value in directives.items() if "blob:" in value.split()] == ["img-src"]
        sources = {source for value in directives.values() for source in value.split()}
        assert sources - {"'none'", "'self'", "data:", "blob:"} == ({origin} if origin else set())

    def test_page_without_a_build_says_how_to_build_it(self, service: Service, folder: Path) -> None:
        (folder / "docs" / "index.html").unlink()
        status, code, message = service.error("/api/docs")
        assert (status, code, message) == (404, "page_not_built", PAGE_NOT_BUILT.message)
        assert "make web" in message

    def test_changed_build_needs_no_restart(self, service: Service, folder: Path) -> None:
        assert service.get("/api/docs").body.decode() == PAGE
        (folder / "docs" / "index.html").write_text("another build")
        assert service.get("/api/docs").body == b"another build"


class TestUrls:
    @pytest.mark.parametrize("prefix", ["", "/prod", "/base/path"])
    @pytest.mark.parametrize("slash", ["", "/"])
    def test_urls_in_the_page_are_below_the_api_of_any_stage(self, folder: Path, prefix: str, slash: str) -> None:
        assert folder.exists()
        page = f"https://example.org{prefix}/api/docs{slash}"
        html = built_files.read_page("docs", relative_api_url(request(f"{prefix}/api/docs{slash}")))
        urls = [urljoin(page, url) for url in re.findall(r'"([^"]+)"', html)]
        root = f"https://example.org{prefix}"
        assert urls == [
            f"{root}/api/openapi.json",
            f"{root}/api/docs/assets/docs-0a1b2c3d4e.css",
            f"{root}/assets/docs-7GQ2HKLW.js",
        ]

    def test_path_with_a_slash_is_known_in_the_app(self, service: Service) -> None:
        assert b'"../openapi.json"' in service.get("/api/docs/").body
        assert b'"./openapi.json"' in service.get("/api/docs").body

    def test_page_needs_no_storage(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        """As under `chalice local` without credentials, which signing a URL needs."""

        class Unsigned:
            def download_url(self, *_: Any, **__: Any) -> str:
                raise ServiceError(STORAGE_UNAVAILABLE)

        monkeypatch.setattr(container, "public_storage", lambda _: Unsigned())
        response = service.get("/api/docs")
        assert response.headers["Content-Security-Policy"] == content_security_policy(None)

    def test_origin_is_that_of_presigned_urls_of_aws(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        monkeypatch.setenv("BUCKET", "files")
        container.reset()
        assert page_urls.storage_origin(get_request()) == "https://files.s3.eu-west-1.amazonaws.com"
        container.reset()


class TestWebPage:
    @pytest.fixture(autouse=True)
    def page(self, folder: Path) -> None:
        (folder / "page" / "assets").mkdir(parents=True)
        (folder / "page" / "index.html").write_text('<script src="./assets/main-7GQ2HKLW.js"></script>')
        (folder / "page" / "assets" / "main-7GQ2HKLW.js").write_text("run();")
        (folder / "page" / "dropzone.js").write_text('import "./assets/dropzone-7GQ2HKLW.js";')

    @pytest.mark.parametrize("path", ["/", "/prod", "/prod/", "/base/path", "/base/path/"])
    def test_urls_in_the_page_are_below_the_root_of_any_stage(self, path: str) -> None:
        html = built_files.read_page("page", relative_root_url(request(path)))
        [url] = re.findall(r'"([^"]+)"', html)
        assert urljoin(f"https://example.org{path}", url) == (
            f"https://example.org{path.rstrip('/')}/assets/main-7GQ2HKLW.js"
        )

    def test_page_has_the_policy_and_accepts_what_an_issuer_adds(self, service: Service) -> None:
        response = service.get("/?code=1&state=2&iss=https%3A%2F%2Fissuer")
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-cache")
        assert response.headers["Content-Security-Policy"] == content_security_policy("http://127.0.0.1:4566")

    @pytest.mark.parametrize("path", ["/", "/api/docs"])
    def test_page_may_get_tokens_where_people_sign_in_with_an_issuer(
        self, service: Service, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        for name, value in {
            "AUTH": "required",
            "OIDC_ISSUER": "https://issuer.example",
            "OIDC_AUDIENCE": "files",
            "OIDC_CLIENT_ID": "page",
            "OIDC_AUTHORIZATION_URL": "https://issuer.example/authorize",
            "OIDC_TOKEN_URL": "https://tokens.example/token",
        }.items():
            monkeypatch.setenv(name, value)
        container.reset()
        policy = content_security_policy("http://127.0.0.1:4566", "https://tokens.example")
        assert service.get(path).headers["Content-Security-Policy"] == policy

    def test_pages_of_other_origins_may_run_its_scripts(self, service: Service) -> None:
        asset, script = service.get("/assets/main-7GQ2HKLW.js"), service.get("/dropzone.js")
        assert asset.headers["Access-Control-Allow-Origin"] == script.headers["Access-Control-Allow-Origin"] == "*"
        assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert script.headers["Cache-Control"] == "no-cache"
        assert script.body == b'import "./assets/dropzone-7GQ2HKLW.js";'

    @pytest.mark.parametrize("path", ["/", "/dropzone.js"])
    def test_page_without_a_build_says_how_to_build_it(self, service: Service, folder: Path, path: str) -> None:
        shutil.rmtree(folder / "page")
        assert service.error(path)[:2] == (404, "page_not_built")


class TestAssets:
    @pytest.mark.parametrize(
        ("name", "media_type"),
        [
            ("docs-0a1b2c3d4e.js", "text/javascript; charset=utf-8"),
            ("docs-0a1b2c3d4e.css", "text/css; charset=utf-8"),
            ("icon.svg", "image/svg+xml"),
            ("licences.txt", "text/plain; charset=utf-8"),
        ],
    )
    def test_asset_has_its_type_and_is_kept_forever(self, service: Service, name: str, media_type: str) -> None:
        response = service.get(f"/api/docs/assets/{name}")
        assert (response.status_code, response.body.decode()) == (200, f"content of {name}")
        assert response.headers == {
            "Content-Type": media_type,
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        }

    def test_no_type_is_binary_for_api_gateway(self) -> None:
        """A binary one would arrive as base64 unless the request's Accept names the type."""
        types = {media_type.partition(";")[0] for media_type in built_files.MEDIA_TYPES.values()}
        assert types & set(chalice_app.app.api.binary_types) == set()

    @pytest.mark.parametrize(
        "name",
        [
            "other-0a1b2c3d4e.js",
            "page.html",  # no type of an asset
            "DOCS-0A1B2C3D4E.JS",
            ".fingerprint",
            "docs",
            "..%2fsecret.txt",
            "..%2f..%2fsecret.txt",
            "..%5c..%5csecret.txt",
            "%2e%2e%2fsecret.txt",
            "..",
            f"{'a' * 300}.js",
        ],
    )
    def test_any_other_name_is_not_found(self, service: Service, name: str) -> None:
        assert service.error(f"/api/docs/assets/{name}") == (404, "not_found", ASSET_NOT_FOUND.message)

    def test_name_with_a_nul_is_refused(self, service: Service) -> None:
        assert service.error("/api/docs/assets/docs-0a1b2c3d4e.js%00")[:2] == (400, "invalid_parameter")

    @pytest.mark.parametrize("name", ["../secret.txt", "../../secret.txt", "/etc/hostname.txt", "..\\secret.txt"])
    def test_decoded_name_leads_nowhere(self, folder: Path, name: str) -> None:
        assert (folder / "secret.txt").exists()
        with pytest.raises(ServiceError, match="not_found"):
            built_files.read_asset("docs", name)

    def test_asset_without_a_build_is_not_found(self, service: Service, folder: Path) -> None:
        (folder / "docs" / "assets" / "icon.svg").unlink()
        assert service.error("/api/docs/assets/icon.svg")[:2] == (404, "not_found")


def request(path: str) -> Request:
    """Return a request as API Gateway passes it on, with the stage or a domain's base path in its path."""
    context = {"httpMethod": "GET", "resourcePath": "/api/docs", "path": path}
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": {},
            "pathParameters": {},
            "requestContext": context,
            "stageVariables": None,
            "body": None,
        }
    )
