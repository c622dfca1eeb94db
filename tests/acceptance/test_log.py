"""What `make run` shows of the service: its own log lines, in between the emulator's."""

import json
from typing import Any

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator

SOME_ID = "01930000-0000-7000-8000-000000000000"


def test_a_request_writes_one_line_of_json(service_emulator: Emulator) -> None:
    answer = Client(service_emulator.url).request("GET", f"/api/files/{SOME_ID}")
    request_id = answer.json()["requestId"]
    shown = _lines_until(request_id, service_emulator)
    assert shown[-1]["path"] == "/api/files/{file_id}"
    assert shown[-1]["status"] == answer.status_code == 404
    another = Client(service_emulator.url).request("GET", f"/api/files/{SOME_ID}").json()["requestId"]
    after = _lines_until(another, service_emulator)
    assert request_id not in [line.get("request_id") for line in after]


def _lines_until(request_id: str, emulator: Emulator) -> list[dict[str, Any]]:
    """Return the JSON lines up to the first of this request."""
    found: list[dict[str, Any]] = []
    while not found or found[-1].get("request_id") != request_id:
        line = emulator.line()
        assert line, "the emulator has ended"
        if line.startswith("{"):
            found.append(json.loads(line))
    return found
