"""One service, reached by several names: from a browser on this machine, and from a container beside it."""

import json
from urllib.parse import urlsplit

import pytest
import requests

from chalicelib import container
from tests.integration.conftest import Service


def test_each_client_gets_urls_that_it_can_reach(
    service: Service, ministack_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are MiniStack's names here. The signature covers the host: each URL works as it is, or not at all."""
    file = service.upload(content=b"hello\n")
    port = urlsplit(ministack_url).port
    monkeypatch.setenv("PUBLIC_URL", "http://localhost:8000 http://routes:8000")
    monkeypatch.setenv("S3_PUBLIC_URL", f"http://localhost:{port} http://127.0.0.1:{port}")
    container.reset()
    for host, base, s3 in (
        ("localhost:8000", "http://localhost:8000", f"localhost:{port}"),
        ("routes:8000", "http://routes:8000", f"127.0.0.1:{port}"),
        ("evil.example", "http://localhost:8000", f"localhost:{port}"),
    ):
        shown = service.http.get(f"/api/files/{file['id']}", headers={"Host": host})
        assert json.loads(shown.body)["file"] == f"{base}/api/files/{file['id']}/content"
        location = service.http.get(f"/api/files/{file['id']}/content", headers={"Host": host}).headers["Location"]
        assert urlsplit(location).netloc == s3
        assert requests.get(location, timeout=10).content == b"hello\n"


def test_without_public_names_of_s3_its_own_is_used(service: Service, ministack_url: str) -> None:
    file = service.upload()
    location = service.http.get(f"/api/files/{file['id']}/content").headers["Location"]
    assert location.startswith(f"{ministack_url}/")
