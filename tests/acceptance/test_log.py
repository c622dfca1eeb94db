"""The emulator prints the log lines of routes and functions among its own."""

import json
import time
from collections.abc import Callable
from typing import Any

import boto3

from emulator.log_rotation import MAX_LOG_BYTES
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.chaos.frequent_sweeps import SCHEDULED_EVENT, SWEEP

SOME_ID = "01930000-0000-7000-8000-000000000000"


def test_request_logs_one_line_of_json(service_emulator: Emulator) -> None:
    response = Client(service_emulator.url).request("GET", f"/api/files/{SOME_ID}")
    request_id = response.json()["requestId"]
    lines = _lines_until(lambda line: line.get("request_id") == request_id, service_emulator)
    assert lines[-1]["path"] == "/api/files/{file_id}"
    assert lines[-1]["status"] == response.status_code == 404
    another = Client(service_emulator.url).request("GET", f"/api/files/{SOME_ID}").json()["requestId"]
    after = _lines_until(lambda line: line.get("request_id") == another, service_emulator)
    assert request_id not in [line.get("request_id") for line in after]


def test_functions_log_lines_are_printed(service_emulator: Emulator) -> None:
    client = Client(service_emulator.url)
    client.wait_until_terminal(client.upload("logged.txt", b"logged").id)
    lines = _lines_until(lambda line: line.get("function") == "file-loader-dev-process_upload", service_emulator)
    assert lines[-1]["duration_ms"] > 0
    functions = boto3.client("lambda", endpoint_url=service_emulator.aws_url)
    functions.invoke(FunctionName=SWEEP, Payload=SCHEDULED_EVENT)
    lines = _lines_until(lambda line: line.get("message") == "sweep finished", service_emulator)
    assert "outcomes" in lines[-1]


def test_logs_of_servers_stay_small(service_emulator: Emulator) -> None:
    for name in ("ministack", "postgres"):
        log = service_emulator.data / f"{name}.log"
        with log.open("ab") as server:
            server.write(b"x" * (MAX_LOG_BYTES + 1))
        end = time.monotonic() + 10
        while log.stat().st_size > MAX_LOG_BYTES:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert log.with_name(f"{name}.log.1").stat().st_size > MAX_LOG_BYTES


def _lines_until(is_last: Callable[[dict[str, Any]], bool], emulator: Emulator) -> list[dict[str, Any]]:
    """Return the JSON lines up to the first of this kind."""
    parsed: list[dict[str, Any]] = []
    while not parsed or not is_last(parsed[-1]):
        line = emulator.line()
        assert line, "the emulator has ended"
        if line.startswith("{"):
            parsed.append(json.loads(line))
    return parsed
