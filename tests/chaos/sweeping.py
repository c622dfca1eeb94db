"""Sweeps that come sooner than the schedule's."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.acceptance.emulator_process import Emulator

SWEEP = "file-loader-dev-sweep"
SCHEDULED = (Path(__file__).parents[1] / "events" / "scheduled.json").read_bytes()


@contextmanager
def sweeping(emulator: Emulator) -> Iterator[None]:
    """Call the sweep every second instead of every minute, whether it succeeds or not."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=60)
    functions = boto3.client("lambda", endpoint_url=emulator.aws_url, config=config)
    over = Event()

    def sweep() -> None:
        while not over.wait(1):
            with suppress(BotoCoreError, ClientError):
                functions.invoke(FunctionName=SWEEP, Payload=SCHEDULED)

    thread = Thread(target=sweep)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
