"""Faults of real services: a queue's messages, PostgreSQL's restarts, functions' processes."""

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

from chaos.event_scrambler import MAX_DELAY_SECONDS
from chaos.fault_injector import kill_random_worker
from chaos.fault_log import FaultLog
from chaos.relay import Relay
from chaos.session import ChaosSession
from chaos.spec import Spec
from emulator.app_spec import AppSpec, Function, S3Trigger
from emulator.errors import EmulatorError
from emulator.postgres import EmbeddedPostgres
from emulator.provisioner import Provisioner
from tests.fault_counts import count_faults


@dataclass
class Queues:
    """Two queues with a relay between them, which is stopped after the test."""

    sqs: Any
    inbound: str
    function: str
    log_path: Path

    def relay(self, **rates: float) -> Relay:
        relay = Relay(Spec(seed=7, **rates), FaultLog(self.log_path))
        relay.connect(self.sqs, {self.inbound: self.function})
        return relay

    def send(self, *keys: str) -> None:
        for key in keys:
            body = json.dumps({"Records": [{"s3": {"object": {"key": key}}}]})
            self.sqs.send_message(QueueUrl=self._url(self.inbound), MessageBody=body)

    def receive(self) -> list[str]:
        """Return the keys of the relayed messages, and delete them."""
        url = self._url(self.function)
        keys = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                keys.append(json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"])
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return keys

    def remaining(self) -> int:
        """Return how many messages the relay hasn't deleted."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        response = self.sqs.get_queue_attributes(QueueUrl=self._url(self.inbound), AttributeNames=names)
        return sum(int(value) for value in response["Attributes"].values())

    def _url(self, name: str) -> str:
        return str(self.sqs.get_queue_url(QueueName=name)["QueueUrl"])


@pytest.fixture
def queues(ministack_url: str, tmp_path: Path) -> Queues:
    sqs = boto3.client("sqs", endpoint_url=ministack_url)
    inbound, function = (f"{uuid4()}-{purpose}" for purpose in ("inbound", "function"))
    for name in (inbound, function):
        sqs.create_queue(QueueName=name)
    (tmp_path / "chaos.jsonl").touch()
    return Queues(sqs, inbound, function, tmp_path / "chaos.jsonl")


@pytest.fixture
def stops() -> Iterator[list[Callable[[], None]]]:
    """Functions to call after the test."""
    stops: list[Callable[[], None]] = []
    yield stops
    for stop in stops:
        stop()


def wait_for(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


class TestRelay:
    def test_events_are_relayed_unchanged_before_faults_start(self, queues: Queues) -> None:
        relay = queues.relay(drop=1)
        queues.send("a", "b")
        relay.stop()
        assert sorted(queues.receive()) == ["a", "b"]
        assert count_faults(queues.log_path) == {}

    def test_dropped_event_never_arrives(self, queues: Queues, stops: list[Callable[[], None]]) -> None:
        relay = queues.relay(drop=1)
        stops.append(relay.stop)
        relay.start_faults()
        queues.send("a", "b")
        wait_for(lambda: queues.remaining() == 0)
        assert queues.receive() == []
        assert count_faults(queues.log_path) == {"drop": 2}

    @pytest.mark.slow(2)
    def test_duplicate_arrives_twice_and_delayed(self, queues: Queues, stops: list[Callable[[], None]]) -> None:
        relay = queues.relay(duplicate=1, delay=1)
        stops.append(relay.stop)
        relay.start_faults()
        queues.send("a")
        wait_for(lambda: queues.remaining() == 0)
        assert queues.receive() == []
        keys: list[str] = []
        wait_for(lambda: _receive_into(keys, queues) == 2, 2 * MAX_DELAY_SECONDS + 5)
        assert keys == ["a", "a"]
        assert count_faults(queues.log_path) == {"duplicate": 1, "delay": 1}

    @pytest.mark.slow(6)
    def test_burst_is_relayed_with_the_logged_faults(
        self, queues: Queues, stops: list[Callable[[], None]]
    ) -> None:
        relay = queues.relay(duplicate=0.2, reorder=0.2, drop=0.1)
        stops.append(relay.stop)
        relay.start_faults()
        sent = [str(number) for number in range(150)]
        queues.send(*sent)
        relay.stop_faults()
        wait_for(relay.has_caught_up)
        assert queues.remaining() == 0
        keys: list[str] = []
        counts = count_faults(queues.log_path)
        wait_for(lambda: _receive_into(keys, queues) >= 150 - counts["drop"] + counts["duplicate"])
        assert Counter(Counter(keys).values()) == {
            1: 150 - counts["drop"] - counts["duplicate"],
            2: counts["duplicate"],
        }
        assert min(counts["drop"], counts["duplicate"], counts["reorder"]) > 0

    def test_stop_releases_held_events(self, queues: Queues) -> None:
        relay = queues.relay(reorder=1)
        relay.start_faults()
        queues.send("a", "b", "c")
        wait_for(lambda: count_faults(queues.log_path)["reorder"] > 0)
        relay.stop()
        assert sorted(queues.receive()) == ["a", "b", "c"]
        assert queues.remaining() == 0

    def test_stopped_faults_release_held_events_and_change_no_more(
        self, queues: Queues, stops: list[Callable[[], None]]
    ) -> None:
        relay = queues.relay(reorder=1)
        stops.append(relay.stop)
        relay.start_faults()
        queues.send("a")
        wait_for(lambda: count_faults(queues.log_path)["reorder"] == 1)
        began = time.monotonic()
        relay.stop_faults()
        wait_for(relay.has_caught_up)
        assert time.monotonic() - began < MAX_DELAY_SECONDS / 2
        assert queues.receive() == ["a"]
        queues.send("b")
        keys: list[str] = []
        wait_for(lambda: _receive_into(keys, queues) == 1)
        assert count_faults(queues.log_path) == {"reorder": 1}

    def test_relay_fails_when_its_queue_is_gone(self, queues: Queues) -> None:
        relay = queues.relay(drop=0.5)
        queues.sqs.delete_queue(QueueUrl=queues.sqs.get_queue_url(QueueName=queues.inbound)["QueueUrl"])
        with pytest.raises(EmulatorError, match="the chaos relay failed"):
            wait_for(lambda: relay.has_caught_up() and False)
        relay.stop()


def _receive_into(keys: list[str], queues: Queues) -> int:
    keys += queues.receive()
    return len(keys)


@pytest.mark.slow(2)
@pytest.mark.parametrize("stop_signal", [SIGQUIT, SIGINT])
def test_postgres_restart_keeps_its_url_and_data(stop_signal: Signals, tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        url = make_url(server.url).set(drivername="postgresql+psycopg2")
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept AS SELECT 7 AS number"))
        with engine.connect() as connected:
            connected.execute(text("SELECT 1"))
            before = server.process.pid
            server.restart(stop_signal, time.sleep)
            assert server.process.pid != before
            with engine.connect() as connection:
                assert connection.execute(text("SELECT number FROM kept")).scalar_one() == 7
            connected.invalidate()


TWO_CHILDREN = """
import subprocess, sys
CHILD = "import os, sys; os.fork(); print(flush=True); sys.stdin.read()"
children = [
    subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=directory)
    for directory in sys.argv[1:]
]
for child in children:
    assert child.stdout.read(2) == b"\\n\\n"
print(children[0].pid, flush=True)
print(children[0].wait(), children[1].poll(), flush=True)
sys.stdin.read()
"""
"""Starts a child in each directory, which forks, and says what becomes of the first one."""


def test_only_function_workers_are_killed(tmp_path: Path) -> None:
    """One of a process's two children is in a directory like those that MiniStack makes for functions. It has a
    child, which is in the same."""
    worker_directory = tmp_path / "ministack-lambda-app-dev-note-ab_1-x9" / "code"
    worker_directory.mkdir(parents=True)
    command = [sys.executable, "-c", TWO_CHILDREN, str(worker_directory), str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert kill_random_worker(parent.pid, Random(7)) == ("app-dev-note-ab_1", worker)
        assert parent.stdout.readline().split() == [str(-SIGKILL), "None"]
        assert kill_random_worker(parent.pid, Random(7)) is None


@pytest.mark.parametrize(
    ("fault", "variable"),
    [
        ("postgres", "DATABASE_URL"),
        ("kill", "AWS_ENDPOINT_URL"),
        ("s3", "AWS_ENDPOINT_URL"),
        ("s3_outage", "AWS_ENDPOINT_URL"),
    ],
)
def test_faults_of_external_services_are_refused(fault: str, variable: str, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match=f"can't inject `{fault}` while {variable} is set"):
        ChaosSession(Spec(seed=7, **{fault: 1}), {variable: "somewhere"}, tmp_path, lambda _: None)


@pytest.fixture
def restored_signals() -> Iterator[None]:
    """Restore the handler of SIGUSR1, which a ChaosSession replaces."""
    before = signal.getsignal(signal.SIGUSR1)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("restored_signals")
def test_event_faults_are_refused_at_an_endpoint_that_is_not_provisioned(tmp_path: Path) -> None:
    ChaosSession(Spec(seed=7, postgres=1), {}, tmp_path, lambda _: None).check_unprovisioned("http://elsewhere")
    with pytest.raises(EmulatorError, match="can't inject `drop`: http://elsewhere isn't a MiniStack"):
        ChaosSession(Spec(seed=7, drop=1), {}, tmp_path, lambda _: None).check_unprovisioned("http://elsewhere")


@pytest.mark.usefixtures("restored_signals")
def test_external_ministack_notifies_its_functions_again_after_a_stop(ministack_url: str, tmp_path: Path) -> None:
    app, bucket = f"app{uuid4().hex}", f"bucket-{uuid4()}"
    note = Function("note", "note", s3_trigger=S3Trigger(bucket, ["s3:ObjectCreated:*"], "", ""))
    app_spec = AppSpec(app, [note])
    Provisioner(ministack_url, os.environ, use_relay=True).provision(app_spec, tmp_path, {})
    printed: list[str] = []
    chaos = ChaosSession(Spec(seed=7, drop=1), {"AWS_ENDPOINT_URL": ministack_url}, tmp_path, printed.append)
    chaos.connect_relay(ministack_url, os.environ, app_spec)
    assert _notified_queues(ministack_url, bucket) == [f"{app}-dev-note-inbound"]
    chaos.stop()
    assert _notified_queues(ministack_url, bucket) == [f"{app}-dev-note"]
    assert printed == []


def _notified_queues(url: str, bucket: str) -> list[str]:
    s3 = boto3.client("s3", endpoint_url=url)
    configuration = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    return [queue["QueueArn"].rpartition(":")[2] for queue in configuration]
