"""The relay catches up and stops although events never stop coming."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chaos.fault_log import FaultLog
from chaos.relay import BATCH_SIZE, Relay
from chaos.spec import Spec

MAX_MESSAGES = 3000


class SteadySqs:
    """An SQS whose queue gets so many messages before each receive, numbered from 0 on. They stop after
    seconds, so that a relay that waits for their end fails instead of hanging."""

    def __init__(self, per_receive: int, backlog: int) -> None:
        self.per_receive = per_receive
        self.backlog = backlog
        self.numbers = count()
        self.received = 0
        self.relayed: set[int] = set()

    def get_queue_url(self, *, QueueName: str) -> dict[str, str]:  # noqa: N803  # boto3's
        return {"QueueUrl": QueueName}

    def get_queue_attributes(self, **_: Any) -> dict[str, dict[str, str]]:
        return {"Attributes": {"ApproximateNumberOfMessages": str(self.backlog)}}

    def receive_message(self, **_: Any) -> dict[str, list[dict[str, str]]]:
        time.sleep(0.001)
        numbers = [next(self.numbers) for _ in range(self.per_receive if self.received < MAX_MESSAGES else 0)]
        self.received += len(numbers)
        return {"Messages": [{"ReceiptHandle": str(number), "Body": _body(number)} for number in numbers]}

    def send_message_batch(self, *, Entries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
        self.relayed |= {int(_key(entry["MessageBody"])) for entry in Entries}
        return {}

    def delete_message_batch(self, **_: Any) -> dict[str, Any]:
        return {}


def _body(number: int) -> str:
    return json.dumps({"Records": [{"s3": {"object": {"key": str(number)}}}]})


def _key(body: str) -> str:
    return str(json.loads(body)["Records"][0]["s3"]["object"]["key"])


@contextmanager
def relaying(sqs: Any, directory: Path, **rates: float) -> Iterator[Relay]:
    relay = Relay(Spec(seed=7, **rates), FaultLog(directory / "chaos.jsonl"))
    relay.connect(sqs, {"inbound": "function"})
    try:
        yield relay
    finally:
        relay.stop()


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.parametrize("per_receive", [1, BATCH_SIZE - 1, BATCH_SIZE])
def test_relay_catches_up_while_messages_keep_coming(per_receive: int, tmp_path: Path) -> None:
    sqs = SteadySqs(per_receive, backlog=25)
    with relaying(sqs, tmp_path, reorder=1) as relay:
        relay.start_faults()
        wait_for(lambda: sqs.received > 50)
        relay.stop_faults()
        sent_before = sqs.received + (sqs.backlog if per_receive == BATCH_SIZE else 0)
        wait_for(relay.has_caught_up)
        assert sqs.received < MAX_MESSAGES
        assert set(range(sent_before)) <= sqs.relayed


@pytest.mark.parametrize("per_receive", [1, BATCH_SIZE])
def test_relay_stops_while_messages_keep_coming(per_receive: int, tmp_path: Path) -> None:
    sqs = SteadySqs(per_receive, backlog=25)
    with relaying(sqs, tmp_path, reorder=1) as relay:
        relay.start_faults()
        wait_for(lambda: sqs.received > 50)
        sent_before = sqs.received
        relay.stop()
        assert sqs.received < MAX_MESSAGES
        assert set(range(sent_before)) <= sqs.relayed
