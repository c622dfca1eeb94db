"""Files handed in while everything breaks, and what has become of each when it no longer does."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count, islice

import requests
from sqlalchemy import NullPool, create_engine, make_url, text

from tests.acceptance.client import TERMINAL_STATUSES, Client
from tests.acceptance.emulator_process import Emulator
from tests.chaos.examining import examine
from tests.chaos.handing_in import HandingIn
from tests.chaos.outcome import Outcome
from tests.chaos.sweeping import sweeping
from tests.chaos.timelines import TAKEN_OVER, entries_of, happenings

AT_ONCE = 8
PATIENCE = 300
"""Seconds until whatever hasn't ended counts as stuck."""


def run(emulator: Emulator, files: int, wanted: Counter[str], *, one_taken_over: bool) -> Outcome:
    """Hand in so many files, and more until each of the wanted faults has come so often. Then end the faults, wait
    until every row has ended, and look at everything.

    `one_taken_over`: the faults go on until a worker has taken a file over from another, which takes the half
    minute of a lease.
    """
    outcome = Outcome()
    client = Client(emulator.url)
    with sweeping(emulator):
        with ThreadPoolExecutor(AT_ONCE) as pool:
            numbers = count()
            hand_in = HandingIn(emulator.url, outcome)
            list(pool.map(hand_in, islice(numbers, files)))

            def enough() -> bool:
                list(pool.map(hand_in, islice(numbers, AT_ONCE)))  # workers die while they have something to do
                return emulator.faults() >= wanted and (not one_taken_over or _one_was_taken_over(client))

            _wait_until(enough, f"these faults and what they lead to: {dict(wanted)}")
        emulator.end_chaos()
        _wait_until(lambda: _have_ended(client, outcome.accepted), "the end of every accepted file")
        let_announcements_expire(emulator)
        _wait_until(lambda: _have_ended(client), "the end of every row")
    examine(client, emulator.aws_url, outcome)
    return outcome


def _wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"after {PATIENCE} s still waiting for {what}"
        time.sleep(0.5)


def _one_was_taken_over(client: Client) -> bool:
    with suppress(requests.RequestException, AssertionError):  # while everything breaks, so do answers
        tried_again = [file["id"] for file in client.files(limit=1000) if file["attempts"] > 1]
        return any(happenings(entries_of(client, file_id))[TAKEN_OVER] for file_id in tried_again)
    return False


def _have_ended(client: Client, among: Collection[str] | None = None) -> bool:
    """Whether these files, or all, have ended."""
    ended = {file["id"]: file["status"] in TERMINAL_STATUSES for file in client.files(limit=1000)}
    return all(ended.values() if among is None else (ended.get(file_id, True) for file_id in among))


def let_announcements_expire(emulator: Emulator) -> None:
    """Uploads that were answered otherwise than with 201 left rows: don't wait for minutes until they expire."""
    url = make_url(emulator.database_url()).set(drivername="postgresql+psycopg2")
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("UPDATE files SET expires_at = now() WHERE status = 'awaiting_upload'"))
