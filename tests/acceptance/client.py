"""A client of the API at a base URL, be it the emulator's, that of docker compose, or AWS."""

import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from urllib3 import BaseHTTPResponse

import file_loader_client
from file_loader_client import Change, File
from file_loader_client.json_types import decode_json
from tests.acceptance.description import Description
from tests.acceptance.secret_search import remember


class Client:
    """Calls the API over HTTP, on keep-alive connections, and compares each response with its description.

    `api` is the project's Python client. Besides, there are requests as other clients send them.
    """

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.api = file_loader_client.Client(base_url, token, on_response=self._check_api_response)
        self.session = requests.Session()
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"
        self.session.hooks["response"].append(self._check_response)

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return self.session.request(method, f"{self.base_url}{path}", timeout=60, **options)

    def upload(self, name: str, content: bytes, media_type: str | None = None) -> File:
        """Upload to S3, and return the file."""
        return self.api.upload(content, name=name, type=media_type)

    def upload_form(self, name: str, content: bytes, media_type: str = "application/octet-stream") -> File:
        """Upload as a form, and return the file."""
        response = self.request("POST", "/api/upload/", files={"file": (name, content, media_type)})
        return self._file(response)

    def upload_raw(self, name: str, content: bytes, media_type: str | None = None) -> File:
        """Upload as a raw body, and return the file."""
        query = f"?name={quote(name, safe='')}" + (f"&type={quote(media_type, safe='')}" if media_type else "")
        headers = {"Content-Type": "application/octet-stream"}
        return self._file(self.request("POST", f"/api/upload{query}", data=content, headers=headers))

    def file(self, file_id: str) -> File:
        return self.api.file(file_id)

    def files(self, **filters: Any) -> list[File]:
        """Return all files that match, of all pages."""
        return list(self.api.files(**filters))

    def changes(self) -> Iterator[Change]:
        """Yield all changes."""
        return self.api.changes()

    def rename(self, file_id: str, name: str) -> File:
        return self.api.update(file_id, name=name)

    def delete(self, file_id: str) -> None:
        self.api.delete(file_id)

    def content(self, file: File) -> bytes:
        """Download the file, and return its bytes."""
        with TemporaryDirectory() as directory:
            return self.api.download(file.id, Path(directory, "content")).read_bytes()

    def download(self, file: File) -> requests.Response:
        """Return the response with the file's content, to which its URL redirects."""
        response = self.session.get(file.file, timeout=60)
        assert response.status_code == 200, response.text
        return response

    def wait_until_terminal(self, file_id: str, within: float = 30) -> File:
        """Return the file as soon as its status is terminal. Fails after `within` seconds.

        It polls, because only so many may wait as `Client.wait` of the Python client does.
        """
        end = time.monotonic() + within
        while not (file := self.file(file_id)).is_terminal:
            assert time.monotonic() < end, f"still {file.status} after {within} s: {file}"
            time.sleep(0.02)
        return file

    def _check_response(self, response: requests.Response, **_options: Any) -> None:
        """Raise UndescribedResponseError if the API doesn't respond as it describes; ignore other servers."""
        method = response.request.method or ""
        remember(response.url, *map(str, response.request.headers.values()))
        self._check(method, response.url, response.status_code, response.headers, response.content)

    def _check_api_response(self, method: str, url: str, response: BaseHTTPResponse) -> None:
        self._check(method, url, response.status, response.headers, response.data)

    def _check(self, method: str, url: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        if not url.startswith(f"{self.base_url}/"):
            return
        remember(url, *headers.values(), body.decode(errors="replace"))
        path = urlsplit(url.removeprefix(self.base_url)).path
        by_name = {name.lower(): value for name, value in headers.items()}
        _description(self.base_url).check(method, path, status, by_name, body)

    @staticmethod
    def _file(response: requests.Response) -> File:
        assert response.status_code == 201, f"{response.status_code} {response.text}"
        return decode_json(response.content, File)


@cache
def _description(base_url: str) -> Description:
    response = requests.get(f"{base_url}/api/openapi.json", timeout=60)
    assert response.status_code == 200, response.text
    return Description(response.json())
