"""A client of the API at a base URL, be it the emulator's, that of docker compose, or AWS."""

import time
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from tests.acceptance.description import Description

TERMINAL_STATUSES = {"processed", "failed", "rejected", "expired"}


class Client:
    """Calls the API over HTTP, on keep-alive connections, and compares each response with its description."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.session = requests.Session()
        self.session.hooks["response"].append(self._check)

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return self.session.request(method, f"{self.base_url}{path}", timeout=60, **options)

    def upload(self, name: str, content: bytes, media_type: str = "application/octet-stream") -> dict[str, Any]:
        """Upload as a form, and return the file."""
        response = self.request("POST", "/api/upload/", files={"file": (name, content, media_type)})
        return self._json(response, 201)

    def upload_raw(self, name: str, content: bytes, media_type: str | None = None) -> dict[str, Any]:
        """Upload as a raw body, and return the file."""
        query = f"?name={quote(name, safe='')}" + (f"&type={quote(media_type, safe='')}" if media_type else "")
        headers = {"Content-Type": "application/octet-stream"}
        return self._json(self.request("POST", f"/api/upload{query}", data=content, headers=headers), 201)

    def file(self, file_id: str) -> dict[str, Any]:
        return self._json(self.request("GET", f"/api/files/{file_id}"), 200)

    def files(self, **query: Any) -> list[dict[str, Any]]:
        """Return all files that match, of all pages."""
        return [file for page in self.pages(**query) for file in page]

    def pages(self, **query: Any) -> Iterator[list[dict[str, Any]]]:
        response = self.request("GET", "/api/files/", params=query)
        while True:
            assert response.status_code == 200, response.text
            yield response.json()
            if "next" not in response.links:
                return
            response = self.session.get(response.links["next"]["url"], timeout=60)

    def changes(self) -> Iterator[dict[str, Any]]:
        """Yield all changes."""
        since = 0
        while page := self.request("GET", "/api/changes", params={"since": since, "limit": 1000}).json():
            yield from page
            since = page[-1]["seq"]

    def rename(self, file_id: str, name: str) -> dict[str, Any]:
        return self._json(self.request("PATCH", f"/api/files/{file_id}", json={"name": name}), 200)

    def delete(self, file_id: str) -> None:
        response = self.request("DELETE", f"/api/files/{file_id}")
        assert response.status_code == 204, response.text

    def download(self, file: dict[str, Any]) -> requests.Response:
        """Return the response with the file's content, to which its URL redirects."""
        response = self.session.get(file["file"], timeout=60)
        assert response.status_code == 200, response.text
        return response

    def wait_until_terminal(self, file_id: str, within: float = 30) -> dict[str, Any]:
        """Return the file as soon as its status is terminal. Fails after `within` seconds."""
        end = time.monotonic() + within
        while (file := self.file(file_id))["status"] not in TERMINAL_STATUSES:
            assert time.monotonic() < end, f"still {file['status']} after {within} s: {file}"
            time.sleep(0.02)
        return file

    def _check(self, response: requests.Response, **_options: Any) -> None:
        """Raise UndescribedResponseError if the API doesn't respond as it describes; ignore other servers."""
        url, request = response.url, response.request
        if not url.startswith(f"{self.base_url}/"):
            return
        path = urlsplit(url.removeprefix(self.base_url)).path
        headers = {name.lower(): value for name, value in response.headers.items()}
        _description(self.base_url).check(
            request.method or "", path, response.status_code, headers, response.content
        )

    @staticmethod
    def _json(response: requests.Response, status: int) -> dict[str, Any]:
        assert response.status_code == status, f"{response.status_code} {response.text}"
        file: dict[str, Any] = response.json()
        return file


@cache
def _description(base_url: str) -> Description:
    response = requests.get(f"{base_url}/api/openapi.json", timeout=60)
    assert response.status_code == 200, response.text
    return Description(response.json())
