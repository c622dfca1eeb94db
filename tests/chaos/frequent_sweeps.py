"""Runs the sweep more often than its schedule."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.acceptance.emulator_process import Emulator

SWEEP = "file-loader-dev-sweep"
SCHEDULED_EVENT = (Path(__file__).parents[1] / "events" / "scheduled.json").read_bytes()


@contextmanager
def frequent_sweeps(emulator: Emulator) -> Iterator[None]:
    """Invoke the sweep every second instead of every minute, whether it succeeds or not."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    functions = boto3.client("lambda", endpoint_url=emulator.aws_url, config=config)
    stopping = Event()

    def sweep() -> None:
        while not stopping.wait(1):
            with suppress(BotoCoreError, ClientError):
                functions.invoke(FunctionName=SWEEP, Payload=SCHEDULED_EVENT)

    thread = Thread(target=sweep)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
