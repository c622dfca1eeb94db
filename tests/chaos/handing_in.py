"""A client that hands files in, whatever it is answered."""

import time
from hashlib import sha256
from threading import Lock, local

import requests

from tests.acceptance.client import Client
from tests.chaos.contents import content_of, name_of
from tests.chaos.outcome import Outcome

PATIENCE = 300
"""Seconds until a file counts as refused for ever."""


class HandingIn:
    """Uploads one file until it is accepted, as a patient client does."""

    def __init__(self, url: str, outcome: Outcome) -> None:
        self._url, self._outcome = url, outcome
        self._own, self._lock = local(), Lock()

    def __call__(self, number: int) -> None:
        name = name_of(number)
        content = content_of(name)
        end = time.monotonic() + PATIENCE
        while (file_id := self._accepted(name, content)) is None:
            assert time.monotonic() < end, f"{name} was never accepted"
            time.sleep(0.2)
        with self._lock:
            self._outcome.accepted[file_id] = sha256(content).hexdigest()

    def _accepted(self, name: str, content: bytes) -> str | None:
        client: Client = self._own.__dict__.setdefault("client", Client(self._url))
        try:
            answer = client.request("POST", "/api/upload/", files={"file": (name, content)})
        except requests.RequestException as fault:
            self._note(type(fault).__name__)
            return None
        self._note(str(answer.status_code))
        return str(answer.json()["id"]) if answer.status_code == 201 else None

    def _note(self, said: str) -> None:
        with self._lock:
            self._outcome.answers[said] += 1
