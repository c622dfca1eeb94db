"""One attempt of a client to upload a file to S3 with presigned URLs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import requests

from tests.acceptance.client import Client
from tests.chaos.behaviours import UNFINISHED, Behaviour

RETRY_SECONDS = 0.2
MARGIN = timedelta(seconds=10)
"""All parts arrived so long before the upload expires: then the sweep, which may be at work on it already, has
seen all of them."""


class UploadEndedError(Exception):
    """The upload has expired, or S3 doesn't have it. A client begins anew."""


@dataclass(frozen=True)
class UploadToS3:
    """A client that retries every request until there is a response, and that may leave before the end."""

    client: Client
    behaviour: Behaviour
    record_response: Callable[[str], None]
    record_broken_promise: Callable[[str], None]

    def run(self, name: str, content: bytes) -> str | None:
        """Upload the file. Return its id if the service has to keep it, None if its client left before the end.

        Raises UploadEndedError.
        """
        upload = self._create(name, content)
        upload_id: str = upload["id"]
        parts = self._send(upload, content)
        if self.behaviour is Behaviour.ABORT:
            self._call("abort", "DELETE", f"/{upload_id}", {204, 404})
            self._call("get after abort", "GET", f"/{upload_id}", {404})
        if self.behaviour in UNFINISHED:
            return None
        if self.behaviour is Behaviour.DIE_BEFORE_COMPLETION:
            if parts and datetime.fromisoformat(upload["expires_at"]) < datetime.now(UTC) + MARGIN:
                raise UploadEndedError
            return upload_id
        names_parts = parts and self.behaviour is not Behaviour.COMPLETE_WITHOUT_PARTS
        for _ in range(2 if self.behaviour is Behaviour.COMPLETE_TWICE else 1):
            self._complete(upload_id, {"parts": parts} if names_parts else {})
        return upload_id

    def _create(self, name: str, content: bytes) -> dict[str, Any]:
        body: dict[str, Any] = {"name": name, "size": len(content)}
        if len(content) % 2:
            body["checksum"] = {"algorithm": "sha256", "value": sha256(content).hexdigest()}
        headers = {"Idempotency-Key": uuid4().hex}
        upload: dict[str, Any] = self._call("create", "POST", "", {201}, json=body, headers=headers).json()
        if self.behaviour is Behaviour.CREATE_TWICE:
            again = self._call("create", "POST", "", {201}, json=body, headers=headers).json()
            if again["id"] != upload["id"]:
                self.record_broken_promise(f"{upload['id']} and {again['id']} have one idempotency key")
        if self.behaviour is Behaviour.RESUME:
            current = self._call("get", "GET", f"/{upload['id']}", {200}).json()
            upload["upload"] = current["upload"]
            if upload["parts"]:
                numbers = [part["number"] for part in upload["parts"]]
                path = f"/{upload['id']}/parts"
                upload |= self._call("parts", "POST", path, {200}, json={"numbers": numbers}).json()
        return upload

    def _send(self, upload: dict[str, Any], content: bytes) -> list[dict[str, Any]]:
        """Send the bytes, and return the parts; none if there is one PUT. A repeated PUT of a whole file is
        refused with 412 if the first one has succeeded."""
        parts = upload["parts"] or []
        if not parts and self.behaviour not in UNFINISHED:
            put = upload["upload"]
            if put is None:
                raise UploadEndedError
            self._put(put["url"], content, put["headers"], {200, 412})
        sent = []
        for part in parts[:-1] if self.behaviour in UNFINISHED else parts:
            start = (part["number"] - 1) * upload["part_size"]
            response = self._put(part["url"], content[start : start + part["size"]], {}, {200})
            sent.append({"number": part["number"], "etag": response.headers["ETag"]})
        return sent

    def _put(self, url: str, body: bytes, headers: dict[str, str], expected: set[int]) -> requests.Response:
        return self._retry("bytes", expected, lambda: requests.put(url, data=body, headers=headers, timeout=60))

    def _complete(self, upload_id: str, body: dict[str, Any]) -> None:
        file = self._call("complete", "POST", f"/{upload_id}/complete", {200}, json=body).json()
        if file["id"] != upload_id or file["status"] in {"awaiting_upload", "expired"}:
            self.record_broken_promise(f"{upload_id} was completed as {file}")

    def _call(self, step: str, method: str, path: str, expected: set[int], **options: Any) -> requests.Response:
        return self._retry(step, expected, lambda: self.client.request(method, f"/api/uploads{path}", **options))

    def _retry(self, step: str, expected: set[int], send: Callable[[], requests.Response]) -> requests.Response:
        """Send the request until there is a response that isn't of a fault.

        An upload may expire before it is finished (403, 404, 410). Raises UploadEndedError for any unexpected
        response; of those, a 409 is a broken promise, because nothing is missing.
        """
        while True:
            try:
                response = send()
            except requests.RequestException as error:
                self.record_response(f"{step}: {type(error).__name__}")
            else:
                self.record_response(f"{step}: {response.status_code}")
                if response.status_code in expected:
                    return response
                if response.status_code < 500:
                    if response.status_code not in {403, 404, 410}:
                        self.record_broken_promise(f"{step} was refused: {response.text}")
                    raise UploadEndedError
            time.sleep(RETRY_SECONDS)
