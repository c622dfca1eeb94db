"""URLs in responses of a service with several names: for a browser on this machine, and for another container."""

import json
from urllib.parse import urlsplit

import pytest
import requests

from chalicelib import container
from tests.integration.conftest import Service


def test_presigned_urls_have_the_host_that_the_client_reaches(
    service: Service, ministack_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are MiniStack's names here. The signature covers the host, so each URL works as it is or not at all."""
    file = service.upload(content=b"hello\n")
    port = urlsplit(ministack_url).port
    monkeypatch.setenv("PUBLIC_URL", "http://localhost:8000 http://routes:8000")
    monkeypatch.setenv("S3_PUBLIC_URL", f"http://localhost:{port} http://127.0.0.1:{port}")
    container.reset()
    for host, base, s3 in (
        ("localhost:8000", "http://localhost:8000", f"localhost:{port}"),
        ("routes:8000", "http://routes:8000", f"127.0.0.1:{port}"),
        ("127.0.0.1:8000", "http://localhost:8000", f"localhost:{port}"),
    ):
        response = service.http.get(f"/api/files/{file['id']}", headers={"Host": host})
        assert json.loads(response.body)["file"] == f"{base}/api/files/{file['id']}/content"
        location = service.http.get(f"/api/files/{file['id']}/content", headers={"Host": host}).headers["Location"]
        assert urlsplit(location).netloc == s3
        assert requests.get(location, timeout=10).content == b"hello\n"
    unknown = service.http.get(f"/api/files/{file['id']}", headers={"Host": "evil.example"})
    assert (unknown.status_code, json.loads(unknown.body)["error"]) == (421, "unknown_host")


def test_presigned_urls_have_the_services_own_s3_endpoint_without_s3_public_url(
    service: Service, ministack_url: str
) -> None:
    file = service.upload()
    location = service.http.get(f"/api/files/{file['id']}/content").headers["Location"]
    assert location.startswith(f"{ministack_url}/")
