"""The faults of real parts: a queue's messages, PostgreSQL's restarts, functions' processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from signal import SIGINT, SIGKILL, SIGQUIT, Signals
from typing import Any
from uuid import uuid4

import boto3
import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from chaos.event_scrambler import LATE_SECONDS
from chaos.fault_log import Record, counts
from chaos.relay import Relay
from chaos.session import Chaos
from chaos.spec import Spec
from chaos.workers import kill_one
from emulator.app_spec import Description, Function, Trigger
from emulator.errors import EmulatorError
from emulator.postgres import EmbeddedPostgres
from emulator.provisioner import Aws


@dataclass
class Queues:
    """Two queues with a relay between them, which is stopped after the test."""

    sqs: Any
    arrivals: str
    function: str
    record: Path

    def relay(self, **rates: float) -> Relay:
        relay = Relay(Spec(seed=7, **rates), Record(self.record))
        relay.connect(self.sqs, {self.arrivals: self.function})
        return relay

    def come(self, *keys: str) -> None:
        for key in keys:
            body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
            self.sqs.send_message(QueueUrl=self._url(self.arrivals), MessageBody=body)

    def arrived(self) -> list[str]:
        """Return the keys of the messages that have arrived, and remove them."""
        url = self._url(self.function)
        keys = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                keys.append(json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return keys

    def left(self) -> int:
        """Return how many messages the relay hasn't done away with."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self._url(self.arrivals), AttributeNames=names)
        return sum(int(value) for value in answer["Attributes"].values())

    def _url(self, name: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=name)["QueueUrl"])


@pytest.fixture
def queues(ministack_url: str, tmp_path: Path) -> Queues:
    sqs = boto3.client("sqs", endpoint_url=ministack_url)
    arrivals, function = (f"{uuid4()}-{purpose}" for purpose in ("arrivals", "function"))
    for name in (arrivals, function):
        sqs.create_queue(QueueName=name)
    (tmp_path / "chaos.jsonl").touch()
    return Queues(sqs, arrivals, function, tmp_path / "chaos.jsonl")


@pytest.fixture
def stops() -> Iterator[list[Callable[[], None]]]:
    """What is to be called after the test."""
    stops: list[Callable[[], None]] = []
    yield stops
    for stop in stops:
        stop()


def wait_for(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


class TestTheRelay:
    def test_before_the_faults_all_goes_on_as_it_came(self, queues: Queues) -> None:
        relay = queues.relay(drop=1)
        queues.come("a", "b")
        relay.stop()
        assert sorted(queues.arrived()) == ["a", "b"]
        assert counts(queues.record) == {}

    def test_dropped_events_never_come(self, queues: Queues, stops: list[Callable[[], None]]) -> None:
        relay = queues.relay(drop=1)
        stops.append(relay.stop)
        relay.disturb()
        queues.come("a", "b")
        wait_for(lambda: queues.left() == 0)
        assert queues.arrived() == []
        assert counts(queues.record) == {"drop": 2}

    @pytest.mark.slow(2)
    def test_duplicates_come_twice_and_late_ones_late(
        self, queues: Queues, stops: list[Callable[[], None]]
    ) -> None:
        relay = queues.relay(duplicate=1, delay=1)
        stops.append(relay.stop)
        relay.disturb()
        queues.come("a")
        wait_for(lambda: queues.left() == 0)
        assert queues.arrived() == []
        keys: list[str] = []
        wait_for(lambda: _add(keys, queues) == 2, 2 * LATE_SECONDS + 5)
        assert keys == ["a", "a"]
        assert counts(queues.record) == {"duplicate": 1, "delay": 1}

    @pytest.mark.slow(6)
    def test_a_burst_goes_through(self, queues: Queues, stops: list[Callable[[], None]]) -> None:
        relay = queues.relay(duplicate=0.2, reorder=0.2, drop=0.1)
        stops.append(relay.stop)
        relay.disturb()
        sent = [str(number) for number in range(150)]
        queues.come(*sent)
        relay.calm()
        wait_for(relay.has_caught_up)
        assert queues.left() == 0
        keys: list[str] = []
        found = counts(queues.record)
        wait_for(lambda: _add(keys, queues) >= 150 - found["drop"] + found["duplicate"])
        assert Counter(Counter(keys).values()) == {
            1: 150 - found["drop"] - found["duplicate"],
            2: found["duplicate"],
        }
        assert min(found["drop"], found["duplicate"], found["reorder"]) > 0

    def test_stopped_in_order_it_keeps_nothing_back(self, queues: Queues) -> None:
        relay = queues.relay(reorder=1)
        relay.disturb()
        queues.come("a", "b", "c")
        wait_for(lambda: counts(queues.record)["reorder"] > 0)
        relay.stop()
        assert sorted(queues.arrived()) == ["a", "b", "c"]
        assert queues.left() == 0

    def test_calm_it_goes_on_undisturbed(self, queues: Queues, stops: list[Callable[[], None]]) -> None:
        relay = queues.relay(reorder=1)
        stops.append(relay.stop)
        relay.disturb()
        queues.come("a")
        wait_for(lambda: counts(queues.record)["reorder"] == 1)
        began = time.monotonic()
        relay.calm()
        wait_for(relay.has_caught_up)
        assert time.monotonic() - began < LATE_SECONDS / 2
        assert queues.arrived() == ["a"]
        queues.come("b")
        keys: list[str] = []
        wait_for(lambda: _add(keys, queues) == 1)
        assert counts(queues.record) == {"reorder": 1}

    def test_a_queue_that_is_gone_is_said(self, queues: Queues) -> None:
        relay = queues.relay(drop=0.5)
        queues.sqs.delete_queue(QueueUrl=queues.sqs.get_queue_url(QueueName=queues.arrivals)["QueueUrl"])
        with pytest.raises(EmulatorError, match="events can't be passed on any more"):
            wait_for(lambda: relay.has_caught_up() and False)
        relay.stop()


def _add(keys: list[str], queues: Queues) -> int:
    keys += queues.arrived()
    return len(keys)


@pytest.mark.slow(2)
@pytest.mark.parametrize("stop_signal", [SIGQUIT, SIGINT])
def test_postgres_comes_back_where_it_was(stop_signal: Signals, tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        url = make_url(server.url).set(drivername="postgresql+psycopg2")
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept AS SELECT 7 AS number"))
        with engine.connect() as connected:
            connected.execute(text("SELECT 1"))
            before = server.child.pid
            server.restart(stop_signal, time.sleep)
            assert server.child.pid != before
            with engine.connect() as connection:
                assert connection.execute(text("SELECT number FROM kept")).scalar_one() == 7
            connected.invalidate()


def test_only_workers_are_killed(tmp_path: Path) -> None:
    """Of this process's children; one of them looks like what MiniStack starts for a function."""
    worker_directory = tmp_path / "ministack-lambda-app-dev-note-ab_1-x9"
    worker_directory.mkdir()
    for script in (worker_directory / "_worker.py", tmp_path / "other.py"):
        script.write_text("import sys; sys.stdin.read()")
    worker, other = (
        subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE)
        for script in (worker_directory / "_worker.py", tmp_path / "other.py")
    )
    with worker, other:
        assert kill_one(os.getpid(), Random(7)) == ("app-dev-note-ab_1", worker.pid)
        assert worker.wait(10) == -SIGKILL
        assert kill_one(os.getpid(), Random(7)) is None
        assert other.poll() is None


@pytest.mark.parametrize(
    ("fault", "variable"),
    [
        ("postgres", "DATABASE_URL"),
        ("kill", "AWS_ENDPOINT_URL"),
        ("s3", "AWS_ENDPOINT_URL"),
        ("s3_outage", "AWS_ENDPOINT_URL"),
    ],
)
def test_what_is_not_the_emulators_is_not_broken(fault: str, variable: str, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match=f"with {variable} set there is no `{fault}`"):
        Chaos(Spec(seed=7, **{fault: 1}), {variable: "somewhere"}, tmp_path, lambda _: None)


@pytest.fixture
def own_signals() -> Iterator[None]:
    """A `Chaos` takes SIGUSR1 for itself; it is given back."""
    before = signal.getsignal(signal.SIGUSR1)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("own_signals")
def test_events_are_not_broken_where_none_are_wired(tmp_path: Path) -> None:
    Chaos(Spec(seed=7, postgres=1), {}, tmp_path, lambda _: None).check_unwired("http://elsewhere")
    with pytest.raises(EmulatorError, match="no MiniStack, whose events are out of reach: no `drop`"):
        Chaos(Spec(seed=7, drop=1), {}, tmp_path, lambda _: None).check_unwired("http://elsewhere")


@pytest.mark.usefixtures("own_signals")
def test_somebody_elses_ministack_gets_its_events_back(ministack_url: str, tmp_path: Path) -> None:
    app, bucket = f"app{uuid4().hex}", f"bucket-{uuid4()}"
    note = Function("note", "note", trigger=Trigger(bucket, ["s3:ObjectCreated:*"], "", ""))
    description = Description(app, [note])
    aws = Aws(ministack_url, os.environ, relayed=True)
    aws.wire(description, tmp_path, {})
    said: list[str] = []
    chaos = Chaos(Spec(seed=7, drop=1), {"AWS_ENDPOINT_URL": ministack_url}, tmp_path, said.append)
    chaos.relay(aws, description)
    assert _notified(ministack_url, bucket) == [f"{app}-dev-note-arrivals"]
    chaos.stop()
    assert _notified(ministack_url, bucket) == [f"{app}-dev-note"]
    assert said == []


def _notified(url: str, bucket: str) -> list[str]:
    s3 = boto3.client("s3", endpoint_url=url)
    configured = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    return [queue["QueueArn"].rpartition(":")[2] for queue in configured]
