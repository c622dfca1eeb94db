"""Uploads files while faults are injected, and then checks the service's promises for each of them."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count, islice

import requests
from sqlalchemy import NullPool, create_engine, make_url, text

from file_loader_client import FileLoaderError
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.chaos.contents import MULTIPART_THRESHOLD_BYTES
from tests.chaos.frequent_sweeps import frequent_sweeps
from tests.chaos.leases import end_leases
from tests.chaos.outcome import Outcome
from tests.chaos.promises import check_promises
from tests.chaos.timeline import TAKEOVER, count_events, get_timeline
from tests.chaos.uploader import Uploader

VARIABLES = {
    "SWEEP_GRACE_SECONDS": "2",
    "UPLOAD_EXPIRY_SECONDS": "40",
    "MULTIPART_THRESHOLD_BYTES": str(MULTIPART_THRESHOLD_BYTES),
}
"""Of the emulator. Uploads expire while the run lasts. Then, and not after an hour, the sweep also completes those
of which S3 has all parts."""
CONCURRENCY = 8
WAIT_SECONDS = 300
"""After this time, what hasn't ended counts as stuck."""
MAX_WORK = timedelta(seconds=10)
"""A worker that has had a file for longer was killed: the files are small."""


def run(emulator: Emulator, files: int, min_faults: Counter[str], *, wait_for_takeover: bool) -> Outcome:
    """Upload so many files, and more until each fault has happened often enough. Then end the faults, wait until
    every row has ended, and check the promises.

    `wait_for_takeover`: the faults go on until a worker has taken a file over from another, which takes the minute
    of a lease. Without it, leases of killed workers end early.
    """

    def accepted_files_have_ended() -> bool:
        if not wait_for_takeover:
            end_leases(emulator, datetime.now(UTC) - MAX_WORK)
        return _have_ended(client, outcome.accepted)

    outcome = Outcome()
    client = Client(emulator.url)
    with frequent_sweeps(emulator):
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            numbers = count()
            uploader = Uploader(emulator.url, outcome)
            list(pool.map(uploader.upload, islice(numbers, files)))

            def has_enough_faults() -> bool:
                # More uploads, so that workers are busy when they are killed.
                list(pool.map(uploader.upload, islice(numbers, CONCURRENCY)))
                return emulator.faults() >= min_faults and (not wait_for_takeover or _has_takeover(client))

            _wait_until(has_enough_faults, f"these faults and their effects: {dict(min_faults)}")
        emulator.end_chaos()
        _set_times(emulator, "check_at")
        _wait_until(accepted_files_have_ended, "the end of every accepted file")
        _set_times(emulator, "check_at", "expires_at")
        _wait_until(lambda: _have_ended(client), "the end of every row")
    check_promises(client, emulator, outcome)
    return outcome


def _wait_until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end, f"after {WAIT_SECONDS} s still waiting for {what}"
        time.sleep(0.5)


def _has_takeover(client: Client) -> bool:
    with suppress(
        requests.RequestException, FileLoaderError, AssertionError
    ):  # during faults these requests may fail too
        retried = [file.id for file in client.files(page_size=1000) if file.attempts > 1]
        return any(count_events(get_timeline(client, file_id))[TAKEOVER] for file_id in retried)
    return False


def _have_ended(client: Client, among: Collection[str] | None = None) -> bool:
    """Return whether these files, or all, have a terminal status."""
    ended = {file.id: file.is_terminal for file in client.files(page_size=1000)}
    return all(ended.values() if among is None else (ended.get(file_id, True) for file_id in among))


def _set_times(emulator: Emulator, *columns: str) -> None:
    """Let the sweep look at all unfinished uploads now (`check_at`), or let them expire now."""
    url = make_url(emulator.database_url()).set(drivername="postgresql+psycopg2")
    values = ", ".join(f"{column} = now()" for column in columns)
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(f"UPDATE files SET {values} WHERE status = 'awaiting_upload'"))  # noqa: S608
