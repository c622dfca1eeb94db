"""`--chaos`: each fault happens and is logged, and everything works after they have ended."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent
from threading import Event, Semaphore
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import psutil
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from chaos.spec import MAX_RATES
from tests.acceptance.emulator_process import Emulator, start_emulator
from tests.acceptance.test_emulator import APP, eventually, keys, put

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ALL_FAULTS = "seed=82,duplicate=0.2,reorder=0.2,delay=0.2,drop=0.2,kill=2,postgres=20,s3=0.05,s3_outage=3"
"""With this seed all of them happen within ten seconds."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    (tree / "app.py").write_text(dedent(APP))
    return tree


def s3_without_retries(emulator: Emulator) -> "S3Client":
    """Return a client that sends each request once."""
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url=emulator.aws_url, config=config)


def ministack(emulator: Emulator) -> psutil.Process:
    commands = emulator.command_lines()
    return next(process for process, command in commands.items() if "emulator.ministack_server" in command)


def notified_queue(emulator: Emulator) -> str:
    """Return the name of the queue that the bucket's events go to."""
    configuration = s3_without_retries(emulator).get_bucket_notification_configuration(Bucket="samples")
    return configuration["QueueConfigurations"][0]["QueueArn"].rpartition(":")[2]


def put_until(emulator: Emulator, ended: Event) -> set[int]:
    """Put objects, and return the statuses of failed requests."""
    s3 = s3_without_retries(emulator)
    statuses: set[int] = set()
    while not ended.wait(0.02):
        try:
            s3.put_object(Bucket="samples", Key=f"in/{uuid4()}", Body=b"content")
        except ClientError as error:
            statuses.add(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return statuses


def send_test_events_until(emulator: Emulator, ended: Event, sent: Semaphore) -> None:
    """Send `s3:TestEvent`, as S3 sends it to a new queue, as fast as the queue accepts it."""
    sqs = boto3.client("sqs", endpoint_url=emulator.aws_url)
    inbound = sqs.get_queue_url(QueueName="sample-dev-note-inbound")["QueueUrl"]
    while not ended.is_set():
        sqs.send_message(QueueUrl=inbound, MessageBody='{"Event": "s3:TestEvent"}')
        sent.release()


@pytest.mark.slow(12)
def test_every_fault_happens_is_logged_and_ends(tree: Path, tmp_path: Path) -> None:
    with (
        start_emulator(tmp_path / "data", "--chaos", ALL_FAULTS, tree=tree) as emulator,
        ThreadPoolExecutor(12) as pool,
    ):
        ended = Event()
        before = ministack(emulator)
        clients = [pool.submit(put_until, emulator, ended) for _ in range(8)]
        try:
            assert eventually(lambda: emulator.faults().keys() >= {*MAX_RATES, "s3_refused"}, 45), (
                emulator.faults()
            )
            sent = Semaphore(0)
            senders = [pool.submit(send_test_events_until, emulator, ended, sent) for _ in range(4)]
            assert all(sent.acquire(timeout=5) for _ in range(50))
            emulator.end_chaos()  # while events still come
        finally:
            ended.set()
        for sender in senders:
            sender.result()
        assert set.union(*(client.result() for client in clients)) == {500, 503}
        faults = emulator.faults()
        for number in range(30):
            put(emulator, f"in/last-{number}")
        assert eventually(lambda: {f"in/last-{number}" for number in range(30)} <= set(keys(emulator)))
        assert emulator.faults() == faults
        assert ministack(emulator) == before
        assert emulator.stop() == 0
        table = {tuple(line.split()) for line in emulator.lines()}
        assert {("drop", str(faults["drop"])), ("kill", str(faults["kill"]))} <= table


@pytest.mark.slow(8)
def test_events_held_at_a_stop_are_not_lost(tree: Path, tmp_path: Path) -> None:
    with start_emulator(tmp_path / "data", "--chaos", "seed=7,reorder=1", tree=tree) as first:
        assert notified_queue(first) == "sample-dev-note-inbound"
        put(first, "in/held")
        assert eventually(lambda: first.faults() == {"reorder": 1})
        assert keys(first) == []
        assert first.stop() == 0
    with start_emulator(tmp_path / "data", tree=tree) as second:
        assert notified_queue(second) == "sample-dev-note"
        # MiniStack may have ended while a function had it: then it comes again after half a minute.
        assert eventually(lambda: keys(second) == ["in/held"], 45)


@pytest.mark.slow(5)
def test_emulators_own_requests_do_not_fail(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(dedent(APP))
    with start_emulator(tmp_path / "data", "--chaos", "seed=7,s3=1,drop=1", tree=tmp_path) as emulator:
        app.write_text(dedent(APP).replace('"one"', '"two"'))
        assert any("reloaded" in line for line in emulator.lines())
        assert requests.get(f"{emulator.url}/version", timeout=10).json() == {"version": "two"}
        assert emulator.faults() == {}
