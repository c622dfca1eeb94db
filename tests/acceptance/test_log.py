"""The log lines of routes and functions in the output of `make run`."""

import json
from collections.abc import Callable
from typing import Any

import boto3

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.chaos.sweeping import SCHEDULED, SWEEP

UNKNOWN_ID = "01930000-0000-7000-8000-000000000000"


def test_the_emulator_prints_one_json_line_for_a_request(service_emulator: Emulator) -> None:
    response = Client(service_emulator.url).request("GET", f"/api/files/{UNKNOWN_ID}")
    request_id = response.json()["requestId"]
    printed = _lines_until(lambda line: line.get("request_id") == request_id, service_emulator)
    assert printed[-1]["path"] == "/api/files/{file_id}"
    assert printed[-1]["status"] == response.status_code == 404
    second_id = Client(service_emulator.url).request("GET", f"/api/files/{UNKNOWN_ID}").json()["requestId"]
    after = _lines_until(lambda line: line.get("request_id") == second_id, service_emulator)
    assert request_id not in [line.get("request_id") for line in after]


def test_the_emulator_prints_the_json_lines_of_functions(service_emulator: Emulator) -> None:
    client = Client(service_emulator.url)
    client.wait_until_terminal(client.upload("logged.txt", b"logged")["id"])
    printed = _lines_until(lambda line: line.get("function") == "file-loader-dev-process_upload", service_emulator)
    assert printed[-1]["duration_ms"] > 0
    functions = boto3.client("lambda", endpoint_url=service_emulator.aws_url)
    functions.invoke(FunctionName=SWEEP, Payload=SCHEDULED)
    printed = _lines_until(lambda line: line.get("message") == "sweep finished", service_emulator)
    assert "outcomes" in printed[-1]


def _lines_until(is_last: Callable[[dict[str, Any]], bool], emulator: Emulator) -> list[dict[str, Any]]:
    """Return the JSON lines up to the first for which `is_last` is true."""
    printed: list[dict[str, Any]] = []
    while not printed or not is_last(printed[-1]):
        line = emulator.line()
        assert line, "the emulator has ended"
        if line.startswith("{"):
            printed.append(json.loads(line))
    return printed
