"""What the functions log is shown: each line once, whenever MiniStack stores it."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest

from emulator.app_spec import Description, Function
from emulator.function_logs import LATE_MS, FunctionLogs


class Logged:
    """A function's log in a MiniStack, and what is said of it."""

    def __init__(self, url: str) -> None:
        self.client: Any = boto3.client("logs", endpoint_url=url)
        self.description = Description(f"app{uuid4().hex}", [Function("note", "note"), Function("idle", "idle")])
        self.group = f"/aws/lambda/{self.description.app}-dev-note"
        self.said: list[str] = []
        self.shown = FunctionLogs(self.said.append)
        self.client.create_log_group(logGroupName=self.group)

    def invocation(self, *lines: str, later_ms: int = 0) -> None:
        """Store an invocation's lines as MiniStack does, with the present time or a later one."""
        stream, at = uuid4().hex, int(time.time() * 1000) + later_ms
        self.client.create_log_stream(logGroupName=self.group, logStreamName=stream)
        events = [{"timestamp": at, "message": line} for line in lines]
        self.client.put_log_events(logGroupName=self.group, logStreamName=stream, logEvents=events)


@pytest.fixture
def logged(ministack_url: str) -> Iterator[Logged]:
    logged = Logged(ministack_url)
    yield logged
    logged.shown.stop()


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@pytest.mark.slow(3)
def test_lines_come_once_and_without_the_platforms(logged: Logged) -> None:
    logged.invocation('{"before": 1}', later_ms=-60_000)
    logged.shown.follow(logged.client, logged.description)
    logged.invocation(
        "START RequestId: 1 Version: $LATEST", '{"a": 1}', "a print", " ", '{"a": 1}', "END RequestId: 1"
    )
    assert eventually(lambda: len(logged.said) == 3)
    logged.invocation('{"b": 2}')
    assert eventually(lambda: len(logged.said) == 4)
    logged.shown.stop()
    assert logged.said == ['{"a": 1}', "note: a print", '{"a": 1}', '{"b": 2}']


@pytest.mark.slow(3)
def test_what_is_stored_late_comes_too(logged: Logged) -> None:
    logged.shown.follow(logged.client, logged.description)
    logged.invocation('{"early": 1}', later_ms=LATE_MS)
    assert eventually(lambda: logged.said == ['{"early": 1}'])
    logged.invocation('{"late": 1}')
    assert eventually(lambda: len(logged.said) == 2)
    logged.invocation('{"last": 1}', later_ms=LATE_MS)
    logged.shown.stop()
    assert logged.said == ['{"early": 1}', '{"late": 1}', '{"last": 1}']


@pytest.mark.slow(3)
def test_a_burst_of_more_lines_than_an_answer_holds(logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulator.function_logs.MOST_LINES", 7)
    logged.shown.follow(logged.client, logged.description)
    for number in range(5):
        logged.invocation(*(f'{{"{number}": {line}}}' for line in range(4)), later_ms=number)
    assert eventually(lambda: len(logged.said) >= 20)
    logged.shown.stop()
    assert logged.said == [f'{{"{number}": {line}}}' for number in range(5) for line in range(4)]
