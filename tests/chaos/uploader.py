"""Clients that upload files, and retry until they are accepted."""

import time
from hashlib import sha256
from threading import Lock, local

import requests

from tests.acceptance.client import Client
from tests.chaos.behaviours import Behaviour, behaviour_of
from tests.chaos.contents import file_content, file_name
from tests.chaos.outcome import Outcome
from tests.chaos.upload_to_s3 import UploadEndedError, UploadToS3

RETRY_FOR_SECONDS = 300


class Uploader:
    """Uploads files from several threads, and records the responses."""

    def __init__(self, url: str, outcome: Outcome) -> None:
        self._url, self._outcome = url, outcome
        self._thread_local, self._lock = local(), Lock()

    def upload(self, number: int) -> None:
        """Upload one file as its client does, and retry until it is accepted, or the client has left."""
        name, behaviour = file_name(number), behaviour_of(number)
        content = file_content(name)
        upload = self._upload_directly if behaviour is Behaviour.DIRECT else self._upload_to_s3
        end = time.monotonic() + RETRY_FOR_SECONDS
        while not upload(behaviour, name, content):
            assert time.monotonic() < end, f"{name} was never accepted"
            time.sleep(0.2)
        with self._lock:
            self._outcome.behaviours[behaviour.value] += 1

    def _upload_directly(self, _: Behaviour, name: str, content: bytes) -> bool:
        """Return whether the file is accepted."""
        try:
            response = self._client.request("POST", "/api/upload/", files={"file": (name, content)})
        except requests.RequestException as error:
            self._record_response(type(error).__name__)
            return False
        self._record_response(str(response.status_code))
        if response.status_code != 201:
            return False
        self._accept(str(response.json()["id"]), content)
        return True

    def _upload_to_s3(self, behaviour: Behaviour, name: str, content: bytes) -> bool:
        """Return whether the client has done all that it does."""
        client = UploadToS3(self._client, behaviour, self._record_response, self._record_broken_promise)
        try:
            file_id = client.run(name, content)
        except UploadEndedError:
            return False
        if file_id is not None:
            self._accept(file_id, content)
        return True

    @property
    def _client(self) -> Client:
        client: Client = self._thread_local.__dict__.setdefault("client", Client(self._url))
        return client

    def _accept(self, file_id: str, content: bytes) -> None:
        with self._lock:
            self._outcome.accepted[file_id] = sha256(content).hexdigest()

    def _record_response(self, response: str) -> None:
        with self._lock:
            self._outcome.responses[response] += 1

    def _record_broken_promise(self, text: str) -> None:
        with self._lock:
            self._outcome.broken_promises.append(text)
