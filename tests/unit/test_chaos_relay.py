"""The relay catches up and stops although events never stop coming."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chaos.fault_log import Record
from chaos.relay import BATCH, Relay
from chaos.spec import Spec

MOST = 3000


class SteadySqs:
    """An SQS into whose queue so many messages come between one receipt and the next, numbered from 0 on: for
    seconds, so that whoever waits for their end fails and doesn't hang."""

    def __init__(self, each_time: int, backlog: int) -> None:
        self.each_time = each_time
        self.backlog = backlog
        self.numbers = count()
        self.received = 0
        self.passed_on: set[int] = set()

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:  # noqa: N803  # boto3's
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, **_: Any) -> dict[str, dict[str, str]]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.backlog)}}

    def receive_message(self, **_: Any) -> dict[str, list[dict[str, str]]]:
        time.sleep(0.001)
        numbers = [next(self.numbers) for _ in range(self.each_time if self.received < MOST else 0)]
        self.received += len(numbers)
        return {"Messages": [{"ReceiptHandle": str(number), "Body": _body(number)} for number in numbers]}

    def send_message_batch(self, *, Entries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
        self.passed_on |= {int(_key(entry["MessageBody"])) for entry in Entries}
        return {}

    def delete_message_batch(self, **_: Any) -> dict[str, Any]:
        return {}


def _body(number: int) -> str:
    return json.dumps({"Records": [{"s3": {"object": {"key": str(number)}}}]})


def _key(body: str) -> str:
    return str(json.loads(body)["Records"][0]["s3"]["object"]["key"])


@contextmanager
def relaying(sqs: Any, directory: Path, **rates: float) -> Iterator[Relay]:
    relay = Relay(Spec(seed=7, **rates), Record(directory / "chaos.jsonl"))
    relay.connect(sqs, {"arrivals": "function"})
    try:
        yield relay
    finally:
        relay.stop()


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize("each_time", [1, BATCH - 1, BATCH])
def test_it_catches_up_with_what_had_come(each_time: int, tmp_path: Path) -> None:
    sqs = SteadySqs(each_time, backlog=25)
    with relaying(sqs, tmp_path, reorder=1) as relay:
        relay.disturb()
        wait_for(lambda: sqs.received > 50)
        relay.calm()
        had_come = sqs.received + (sqs.backlog if each_time == BATCH else 0)
        wait_for(relay.has_caught_up)
        assert sqs.received < MOST
        assert set(range(had_come)) <= sqs.passed_on


@pytest.mark.parametrize("each_time", [1, BATCH])
def test_it_stops(each_time: int, tmp_path: Path) -> None:
    sqs = SteadySqs(each_time, backlog=25)
    with relaying(sqs, tmp_path, reorder=1) as relay:
        relay.disturb()
        wait_for(lambda: sqs.received > 50)
        had_come = sqs.received
        relay.stop()
        assert sqs.received < MOST
        assert set(range(had_come)) <= sqs.passed_on
