"""The conformance suite of `LongPolls`."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.long_polls import PostgresLongPolls
from tests.database_ports import MAX_LONG_POLLS, DatabasePorts

LEASE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


def test_no_more_slots_are_acquired_than_allowed(db: DatabasePorts) -> None:
    slots = [db.long_polls.acquire(LEASE) for _ in range(MAX_LONG_POLLS)]
    assert len({slot.number for slot in slots if slot}) == MAX_LONG_POLLS
    assert db.long_polls.acquire(LEASE) is None


def test_a_released_slot_is_free(db: DatabasePorts) -> None:
    slots = [db.long_polls.acquire(LEASE) for _ in range(MAX_LONG_POLLS)]
    assert slots[1] is not None
    db.long_polls.release(slots[1])
    again = db.long_polls.acquire(LEASE)
    assert again is not None
    assert again.number == slots[1].number


def test_the_slot_of_a_dead_container_is_free_after_its_lease(db: DatabasePorts) -> None:
    slots = [db.long_polls.acquire(MOMENT) for _ in range(3 * MAX_LONG_POLLS)]
    assert all(slots)


def test_a_slot_that_another_request_holds_by_now_is_not_released(db: DatabasePorts) -> None:
    late = db.long_polls.acquire(MOMENT)
    assert late is not None
    current = [db.long_polls.acquire(LEASE) for _ in range(MAX_LONG_POLLS)]
    assert late.number in {slot.number for slot in current if slot}
    db.long_polls.release(late)
    assert db.long_polls.acquire(LEASE) is None


@pytest.mark.parametrize("threads", [16])
def test_requests_at_the_same_time_get_every_slot_once(database_url: str, threads: int) -> None:
    database = Database(database_url, connections=8)
    long_polls = PostgresLongPolls(database, limit=5)
    with ThreadPoolExecutor(threads) as pool:
        slots = [slot for slot in pool.map(lambda _: long_polls.acquire(LEASE), range(threads)) if slot]
    database.close()
    assert sorted(slot.number for slot in slots) == [1, 2, 3, 4, 5]
