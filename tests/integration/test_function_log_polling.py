"""Each line that the functions log is printed once, whenever MiniStack stores it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from emulator.app_spec import AppSpec, Function
from emulator.environment import CREDENTIALS
from emulator.function_log_polling import LATE_MS, FunctionLogPolling


class FunctionLog:
    """A function's log in a MiniStack, and the lines printed from it."""

    def __init__(self, url: str) -> None:
        self.client: Any = boto3.client("logs", endpoint_url=url)
        self.app_spec = AppSpec(f"app{uuid4().hex}", [Function("note", "note"), Function("idle", "idle")])
        self.group = f"/aws/lambda/{self.app_spec.app}-dev-note"
        self.printed: list[str] = []
        self.follower = FunctionLogPolling(url, os.environ, self.printed.append)
        self.client.create_log_group(logGroupName=self.group)

    def store_invocation(self, *lines: str, later_ms: int = 0) -> None:
        """Store an invocation's lines as MiniStack does, with the present time or a later one."""
        stream, at = uuid4().hex, int(time.time() * 1000) + later_ms
        self.client.create_log_stream(logGroupName=self.group, logStreamName=stream)
        events = [{"timestamp": at, "message": line} for line in lines]
        self.client.put_log_events(logGroupName=self.group, logStreamName=stream, logEvents=events)


@pytest.fixture
def log(ministack_url: str) -> Iterator[FunctionLog]:
    log = FunctionLog(ministack_url)
    yield log
    log.follower.stop()


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@pytest.mark.slow(3)
def test_each_line_is_printed_once_without_lambdas_own(log: FunctionLog) -> None:
    log.store_invocation('{"before": 1}', later_ms=-60_000)
    log.follower.follow(log.app_spec)
    log.store_invocation(
        "START RequestId: 1 Version: $LATEST", '{"a": 1}', "a print", " ", '{"a": 1}', "END RequestId: 1"
    )
    assert eventually(lambda: len(log.printed) == 3)
    log.store_invocation('{"b": 2}')
    assert eventually(lambda: len(log.printed) == 4)
    log.follower.stop()
    assert log.printed == ['{"a": 1}', "note: a print", '{"a": 1}', '{"b": 2}']


@pytest.mark.slow(3)
def test_late_lines_are_printed(log: FunctionLog) -> None:
    log.follower.follow(log.app_spec)
    log.store_invocation('{"early": 1}', later_ms=LATE_MS)
    assert eventually(lambda: log.printed == ['{"early": 1}'])
    log.store_invocation('{"late": 1}')
    assert eventually(lambda: len(log.printed) == 2)
    log.store_invocation('{"last": 1}', later_ms=LATE_MS)
    log.follower.stop()
    assert log.printed == ['{"early": 1}', '{"late": 1}', '{"last": 1}']


@pytest.mark.slow(3)
def test_more_lines_than_a_response_holds_are_printed(log: FunctionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.function_log_polling.MAX_LINES", 7)
    log.follower.follow(log.app_spec)
    for number in range(5):
        log.store_invocation(*(f'{{"{number}": {line}}}' for line in range(4)), later_ms=number)
    assert eventually(lambda: len(log.printed) >= 20)
    log.follower.stop()
    assert log.printed == [f'{{"{number}": {line}}}' for number in range(5) for line in range(4)]


PROGRAM = """
from emulator.ministack_application import import_ministack
import_ministack()
from ministack.services import cloudwatch_logs, lambda_svc
for number in range(102):
    lambda_svc._emit_lambda_logs({"FunctionName": "f"}, str(number), "line", False, 1)
streams = list(cloudwatch_logs._log_groups["/aws/lambda/f"]["streams"].values())
print(len(streams), streams[0]["events"][0]["message"])
"""


def test_ministack_forgets_all_but_the_newest_hundred_invocations(tmp_path: Path) -> None:
    environment = {"SERVICES": "s3,lambda,logs", "S3_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    environment |= CREDENTIALS
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "100 START RequestId: 2 Version: $LATEST"
