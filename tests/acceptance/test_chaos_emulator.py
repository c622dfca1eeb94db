"""`--chaos`: each fault really happens and is on record, and when they have ended, everything works."""

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

from chaos.spec import HIGHEST
from tests.acceptance.emulator_process import Emulator, start_emulator
from tests.acceptance.test_emulator import APP, eventually, keys, put

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ALL = "seed=82,duplicate=0.2,reorder=0.2,delay=0.2,drop=0.2,kill=2,postgres=20,s3=0.05,s3_outage=3"
"""With this seed all of them come within ten seconds."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    (tree / "app.py").write_text(dedent(APP))
    return tree


def impatient_s3(emulator: Emulator) -> "S3Client":
    """Return a client that tries once."""
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client("s3", endpoint_url=emulator.aws_url, config=config)


def ministack(emulator: Emulator) -> psutil.Process:
    return next(process for process in emulator.family() if "hypercorn" in " ".join(process.cmdline()))


def notified(emulator: Emulator) -> str:
    """Return the name of the queue that the bucket's events go to."""
    found = impatient_s3(emulator).get_bucket_notification_configuration(Bucket="samples")
    return found["QueueConfigurations"][0]["QueueArn"].rpartition(":")[2]


def put_until(emulator: Emulator, ended: Event) -> set[int]:
    """Put objects, and return the statuses of those that S3 refused."""
    s3 = impatient_s3(emulator)
    statuses: set[int] = set()
    while not ended.wait(0.02):
        try:
            s3.put_object(Bucket="samples", Key=f"in/{uuid4()}", Body=b"content")
        except ClientError as fault:
            statuses.add(fault.response["ResponseMetadata"]["HTTPStatusCode"])
    return statuses


def greet_until(emulator: Emulator, ended: Event, greeted: Semaphore) -> None:
    """Send what S3 greets a queue with, which is about no object, as fast as it is taken."""
    sqs = boto3.client("sqs", endpoint_url=emulator.aws_url)
    arrivals = sqs.get_queue_url(QueueName="sample-dev-note-arrivals")["QueueUrl"]
    while not ended.is_set():
        sqs.send_message(QueueUrl=arrivals, MessageBody='{"Event": "s3:TestEvent"}')
        greeted.release()


@pytest.mark.slow(12)
def test_every_fault_happens_and_ends(tree: Path, tmp_path: Path) -> None:
    with start_emulator(tmp_path / "data", "--chaos", ALL, tree=tree) as emulator, ThreadPoolExecutor(12) as pool:
        ended = Event()
        before = ministack(emulator)
        clients = [pool.submit(put_until, emulator, ended) for _ in range(8)]
        try:
            assert eventually(lambda: emulator.faults().keys() >= {*HIGHEST, "s3_refused"}, 45), emulator.faults()
            greeted = Semaphore(0)
            greetings = [pool.submit(greet_until, emulator, ended, greeted) for _ in range(4)]
            assert all(greeted.acquire(timeout=5) for _ in range(50))
            emulator.end_chaos()  # while events still come
        finally:
            ended.set()
        for greeting in greetings:
            greeting.result()
        assert set.union(*(client.result() for client in clients)) == {500, 503}
        happened = emulator.faults()
        for number in range(30):
            put(emulator, f"in/last-{number}")
        assert eventually(lambda: {f"in/last-{number}" for number in range(30)} <= set(keys(emulator)))
        assert emulator.faults() == happened
        assert ministack(emulator) == before
        assert emulator.stop() == 0
        table = {tuple(line.split()) for line in emulator.lines()}
        assert {("drop", str(happened["drop"])), ("kill", str(happened["kill"]))} <= table


@pytest.mark.slow(8)
def test_what_is_held_back_at_a_stop_is_not_lost(tree: Path, tmp_path: Path) -> None:
    with start_emulator(tmp_path / "data", "--chaos", "seed=7,reorder=1", tree=tree) as first:
        assert notified(first) == "sample-dev-note-arrivals"
        put(first, "in/held")
        assert eventually(lambda: first.faults() == {"reorder": 1})
        assert keys(first) == []
        assert first.stop() == 0
    with start_emulator(tmp_path / "data", tree=tree) as second:
        assert notified(second) == "sample-dev-note"
        # MiniStack may have ended while a function had it: then it comes again after half a minute.
        assert eventually(lambda: keys(second) == ["in/held"], 45)


@pytest.mark.slow(5)
def test_the_emulators_own_requests_do_not_fail(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(dedent(APP))
    with start_emulator(tmp_path / "data", "--chaos", "seed=7,s3=1,drop=1", tree=tmp_path) as emulator:
        app.write_text(dedent(APP).replace('"one"', '"two"'))
        assert any("reloaded" in line for line in emulator.lines())
        assert requests.get(f"{emulator.url}/version", timeout=10).json() == {"version": "two"}
        assert emulator.faults() == {}
