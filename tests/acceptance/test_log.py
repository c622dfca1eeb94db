"""What `make run` shows of the service: the log lines of its routes and functions, in between the emulator's."""

import json
from collections.abc import Callable
from typing import Any

import boto3

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.chaos.sweeping import SCHEDULED, SWEEP

SOME_ID = "01930000-0000-7000-8000-000000000000"


def test_a_request_writes_one_line_of_json(service_emulator: Emulator) -> None:
    answer = Client(service_emulator.url).request("GET", f"/api/files/{SOME_ID}")
    request_id = answer.json()["requestId"]
    shown = _lines_until(lambda line: line.get("request_id") == request_id, service_emulator)
    assert shown[-1]["path"] == "/api/files/{file_id}"
    assert shown[-1]["status"] == answer.status_code == 404
    another = Client(service_emulator.url).request("GET", f"/api/files/{SOME_ID}").json()["requestId"]
    after = _lines_until(lambda line: line.get("request_id") == another, service_emulator)
    assert request_id not in [line.get("request_id") for line in after]


def test_functions_write_theirs_there_too(service_emulator: Emulator) -> None:
    client = Client(service_emulator.url)
    client.wait_until_terminal(client.upload("logged.txt", b"logged")["id"])
    shown = _lines_until(lambda line: line.get("function") == "file-loader-dev-process_upload", service_emulator)
    assert shown[-1]["duration_ms"] > 0
    functions = boto3.client("lambda", endpoint_url=service_emulator.aws_url)
    functions.invoke(FunctionName=SWEEP, Payload=SCHEDULED)
    shown = _lines_until(lambda line: line.get("message") == "sweep finished", service_emulator)
    assert "outcomes" in shown[-1]


def _lines_until(is_last: Callable[[dict[str, Any]], bool], emulator: Emulator) -> list[dict[str, Any]]:
    """Return the JSON lines up to the first of this kind."""
    found: list[dict[str, Any]] = []
    while not found or not is_last(found[-1]):
        line = emulator.line()
        assert line, "the emulator has ended"
        if line.startswith("{"):
            found.append(json.loads(line))
    return found
