"""`History` under concurrent transactions, which the fake doesn't have: PostgreSQL alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, Event

import pytest
from sqlalchemy import NullPool, create_engine, text

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.changes.history import History, HistoryEntry
from chalicelib.core.files.update_file import UpdateFile, update_file
from tests.database_ports import DatabasePorts, add_uploaded, postgres_ports
from tests.samples import OWNER

HANG_TIMEOUT = 20
"""Seconds."""


@pytest.fixture
def db(database_url: str) -> Iterator[DatabasePorts]:
    database = Database(database_url, connections=16)
    yield postgres_ports(database)
    database.close()


def test_change_committed_later_is_not_skipped(db: DatabasePorts, database_url: str) -> None:
    """The slow writer got its place in the table before the quick one, which ordinary numbers would show."""
    slow, quick = add_uploaded(db), add_uploaded(db)
    seen = db.history.changes(OWNER, 0, 9)[-1].seq or 0
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("UPDATE files SET version = version + 1 WHERE id = :id"), {"id": slow.id})
        update_file(UpdateFile(OWNER, quick.id, "quick"), files=db.files)
        first = db.history.changes(OWNER, seen, 9)
        assert [entry.file_id for entry in first] == [quick.id]
        seen = first[-1].seq or 0
    assert [entry.file_id for entry in db.history.changes(OWNER, seen, 9)] == [slow.id]


def test_numbering_changes_blocks_no_writer(db: DatabasePorts, database_url: str) -> None:
    file = add_uploaded(db)
    db.history.changes(OWNER, 0, 9)
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT * FROM feeds FOR UPDATE"))
        with ThreadPoolExecutor() as pool:
            command = UpdateFile(OWNER, file.id, "b")
            pool.submit(lambda: update_file(command, files=db.files)).result(HANG_TIMEOUT)


def test_concurrent_readers_and_writers_skip_no_change(db: DatabasePorts) -> None:
    """Each reader that follows sees every change once, and those of a file in order."""
    files = [add_uploaded(db) for _ in range(20)]
    begin, written = Barrier(12), Event()

    def write(seed: int) -> None:
        random = Random(seed)
        begin.wait(HANG_TIMEOUT)
        for number in range(40):
            update_file(UpdateFile(OWNER, random.choice(files).id, f"{seed} {number}"), files=db.files)

    def read() -> list[HistoryEntry]:
        begin.wait(HANG_TIMEOUT)
        return follow(db.history, written)

    with ThreadPoolExecutor(12) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        for writer in [pool.submit(write, seed) for seed in range(8)]:
            writer.result(HANG_TIMEOUT)
        written.set()
        seen = [reader.result(HANG_TIMEOUT) for reader in readers]
    for entries in seen:
        assert len(entries) == len({entry.seq for entry in entries}) == 20 * 2 + 8 * 40
        for file in files:
            versions = [entry.version for entry in entries if entry.file_id == file.id]
            assert versions == list(range(1, len(versions) + 1))
    assert all(entries == seen[0] for entries in seen)


def follow(history: History, written: Event) -> list[HistoryEntry]:
    """Return all changes, in the order in which one reader saw them."""
    seen: list[HistoryEntry] = []
    while True:
        last_look = written.is_set()
        page = history.changes(OWNER, (seen[-1].seq or 0) if seen else 0, 50)
        seen += page
        if last_look and not page:
            return seen
