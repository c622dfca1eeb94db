"""A client that uploads files and retries until they are accepted."""

import time
from hashlib import sha256
from threading import Lock, local

import requests

from tests.acceptance.client import Client
from tests.chaos.contents import file_content, file_name
from tests.chaos.outcome import Outcome

RETRY_FOR_SECONDS = 300


class Uploader:
    """Uploads files from several threads, and records the responses."""

    def __init__(self, url: str, outcome: Outcome) -> None:
        self._url, self._outcome = url, outcome
        self._thread_local, self._lock = local(), Lock()

    def upload(self, number: int) -> None:
        """Upload one file, and retry until it is accepted."""
        name = file_name(number)
        content = file_content(name)
        end = time.monotonic() + RETRY_FOR_SECONDS
        while (file_id := self._try_upload(name, content)) is None:
            assert time.monotonic() < end, f"{name} was never accepted"
            time.sleep(0.2)
        with self._lock:
            self._outcome.accepted[file_id] = sha256(content).hexdigest()

    def _try_upload(self, name: str, content: bytes) -> str | None:
        """Return the file's id if it is accepted."""
        client: Client = self._thread_local.__dict__.setdefault("client", Client(self._url))
        try:
            response = client.request("POST", "/api/upload/", files={"file": (name, content)})
        except requests.RequestException as error:
            self._record(type(error).__name__)
            return None
        self._record(str(response.status_code))
        return str(response.json()["id"]) if response.status_code == 201 else None

    def _record(self, response: str) -> None:
        with self._lock:
            self._outcome.responses[response] += 1
