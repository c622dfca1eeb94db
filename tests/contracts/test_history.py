"""The conformance suite of `History`. There is no fake, because no rule depends on it."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from random import Random
from threading import Barrier, Event

import pytest
from sqlalchemy import NullPool, create_engine, text

from chalicelib.adapters.postgres import Database, PostgresHistory
from chalicelib.core.changes.history import HistoryEntry, HistoryEventType
from chalicelib.core.files.model import Failure
from chalicelib.core.files.rename_file import RenameFile, rename_file
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from tests.database_ports import ALREADY_OVER, MINUTE, DatabasePorts, add_uploaded, claim_file, postgres_ports
from tests.samples import OBJECT_FACTS, OTHER_OWNER, OWNER, analysis, new_file

HANG_TIMEOUT = 20
"""Seconds."""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, connections=16)
    yield database
    database.engine.dispose()


@pytest.fixture
def db(database: Database) -> DatabasePorts:
    return postgres_ports(database)


@pytest.fixture
def history(database: Database) -> PostgresHistory:
    return PostgresHistory(database)


def event_types(entries: Sequence[HistoryEntry]) -> list[str]:
    return [entry.type.value for entry in entries]


class TestTimeline:
    def test_timeline_has_every_step_of_a_file(self, db: DatabasePorts, history: PostgresHistory) -> None:
        file = add_uploaded(db)
        ref = ObjectRef(file.object_key, "etag", 3, "5")
        claim = db.queue.claim(ref, MINUTE)
        assert claim is not None
        db.queue.claim(ref, MINUTE)
        db.queue.release(claim)
        db.queue.finish(claim_file(db, file), analysis(), OBJECT_FACTS)
        rename_file(RenameFile(OWNER, file.id, "b.txt"), files=db.files)
        db.files.requeue(OWNER, file.id)
        db.queue.finish(claim_file(db, file), Failure("c", "m"), OBJECT_FACTS)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        entries = list(history.timeline(OWNER, file.id, 100))
        assert event_types(entries) == [
            *("announced", "stored", "event", "claimed", "event", "retried", "claimed", "finished"),
            *("renamed", "reopened", "claimed", "finished", "deleted"),
        ]
        assert all(earlier.at <= later.at for earlier, later in pairwise(entries))
        versions = [entry.version for entry in entries if entry.version is not None]
        assert versions == sorted(set(versions))
        assert entries[2].detail == {"etag": "etag", "size": 3, "sequencer": "5"}
        assert [entry.attempts for entry in entries if entry.type is HistoryEventType.CLAIMED] == [1, 2, 3]
        assert (entries[11].status, entries[11].error_code) == (Status.FAILED, "c")

    def test_entries_and_changes_have_the_mismatch_at_that_time(
        self, db: DatabasePorts, history: PostgresHistory
    ) -> None:
        file = add_uploaded(db)
        db.queue.finish(claim_file(db, file), analysis("image/png", mismatch=True), OBJECT_FACTS)
        rename_file(RenameFile(OWNER, file.id, "a.png"), files=db.files)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        expected = [None, None, None, True, True, True]  # a PNG that is declared as text
        assert [entry.mismatch for entry in history.timeline(OWNER, file.id, 9)] == expected
        assert [entry.mismatch for entry in history.changes(OWNER, 0, 9)] == expected

    def test_timeline_of_expired_and_adopted_files(self, db: DatabasePorts, history: PostgresHistory) -> None:
        late, adopted = new_file(), new_file(key="uploads/x")
        db.files.add(late, ALREADY_OVER)
        [overdue] = db.queue.overdue(MINUTE, 9)
        db.queue.expire(overdue)
        db.files.mark_uploaded(OWNER, late.id, "etag")
        db.queue.adopt(adopted)
        assert event_types(history.timeline(OWNER, late.id, 9)) == ["announced", "expired", "stored"]
        assert event_types(history.timeline(OWNER, adopted.id, 9)) == ["stored"]

    def test_timeline_has_dead_letters(self, db: DatabasePorts, history: PostgresHistory) -> None:
        waiting, awaited = add_uploaded(db), new_file()
        db.files.add(awaited, MINUTE)
        for key in (waiting.object_key, awaited.object_key, "uploads/unknown"):
            db.queue.record_dead_letter(key, "RetriesExhausted: storage_unavailable")
        entries = history.timeline(OWNER, waiting.id, 9)
        assert event_types(entries) == ["announced", "stored", "dead_letter"]
        assert (entries[-1].detail, entries[-1].version) == (
            {"reason": "RetriesExhausted: storage_unavailable"},
            None,
        )
        assert sorted(event_types(history.timeline(OWNER, awaited.id, 9))) == [
            "announced",
            "dead_letter",
            "stored",
        ]
        assert event_types(history.changes(OWNER, 0, 9)) == ["announced", "stored"] * 2

    def test_call_that_changes_nothing_adds_no_entry(self, db: DatabasePorts, history: PostgresHistory) -> None:
        file = add_uploaded(db)
        db.files.mark_uploaded(OWNER, file.id, "etag")
        claim_file(db, file)
        db.queue.claim(ObjectRef(file.object_key, "other"), MINUTE)
        assert event_types(history.timeline(OWNER, file.id, 9)) == ["announced", "stored", "claimed"]

    def test_timeline_of_another_owners_file_is_empty(self, db: DatabasePorts, history: PostgresHistory) -> None:
        file = add_uploaded(db)
        assert list(history.timeline(OTHER_OWNER, file.id, 9)) == []

    def test_timeline_is_limited_to_the_newest_entries(self, db: DatabasePorts, history: PostgresHistory) -> None:
        file = add_uploaded(db)
        for number in range(5):
            rename_file(RenameFile(OWNER, file.id, f"{number}"), files=db.files)
        assert event_types(history.timeline(OWNER, file.id, 2)) == ["renamed", "renamed"]


class TestChanges:
    def test_changes_have_each_change_once(self, db: DatabasePorts, history: PostgresHistory) -> None:
        file = add_uploaded(db)
        db.queue.claim(ObjectRef(file.object_key, "etag", 3, "5"), MINUTE)
        first = list(history.changes(OWNER, 0, 9))
        assert event_types(first) == [
            "announced",
            "stored",
            "claimed",
        ]  # no event: clients don't see it in the file
        last = first[-1].seq
        assert last is not None
        assert list(history.changes(OWNER, last, 9)) == []
        db.files.delete_leaving_tombstone(OWNER, file.id)
        assert event_types(history.changes(OWNER, last, 9)) == ["deleted"]
        assert event_types(history.changes(OWNER, 0, 9)) == ["announced", "stored", "claimed", "deleted"]

    def test_changes_come_in_pages(self, db: DatabasePorts, history: PostgresHistory) -> None:
        files = [add_uploaded(db) for _ in range(5)]
        seen: list[HistoryEntry] = []
        while page := history.changes(OWNER, (seen[-1].seq or 0) if seen else 0, 3):
            assert len(page) <= 3
            seen += page
        assert [entry.file_id for entry in seen] == [file.id for file in files for _ in range(2)]

    def test_changes_are_those_of_one_owner(self, db: DatabasePorts, history: PostgresHistory) -> None:
        add_uploaded(db)
        theirs = add_uploaded(db, owner=OTHER_OWNER)
        entries = list(history.changes(OTHER_OWNER, 0, 9))
        assert {entry.file_id for entry in entries} == {theirs.id}
        assert [entry.seq for entry in entries] == [1, 2]

    def test_change_committed_later_is_not_skipped(
        self, db: DatabasePorts, history: PostgresHistory, database_url: str
    ) -> None:
        """The slow writer got its place in the table before the quick one, which ordinary numbers would show."""
        slow, quick = add_uploaded(db), add_uploaded(db)
        seen = history.changes(OWNER, 0, 9)[-1].seq or 0
        engine = create_engine(database_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("UPDATE files SET version = version + 1 WHERE id = :id"), {"id": slow.id})
            rename_file(RenameFile(OWNER, quick.id, "quick"), files=db.files)
            first = history.changes(OWNER, seen, 9)
            assert [entry.file_id for entry in first] == [quick.id]
            seen = first[-1].seq or 0
        assert [entry.file_id for entry in history.changes(OWNER, seen, 9)] == [slow.id]

    def test_numbering_changes_blocks_no_writer(
        self, db: DatabasePorts, history: PostgresHistory, database_url: str
    ) -> None:
        file = add_uploaded(db)
        history.changes(OWNER, 0, 9)
        engine = create_engine(database_url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("SELECT * FROM feeds FOR UPDATE"))
            with ThreadPoolExecutor() as pool:
                command = RenameFile(OWNER, file.id, "b")
                pool.submit(lambda: rename_file(command, files=db.files)).result(HANG_TIMEOUT)

    def test_concurrent_readers_and_writers_skip_no_change(
        self, db: DatabasePorts, history: PostgresHistory
    ) -> None:
        """Each reader that follows sees every change once, and those of a file in order."""
        files = [add_uploaded(db) for _ in range(20)]
        begin, written = Barrier(12), Event()

        def write(seed: int) -> None:
            random = Random(seed)
            begin.wait(HANG_TIMEOUT)
            for number in range(40):
                rename_file(RenameFile(OWNER, random.choice(files).id, f"{seed} {number}"), files=db.files)

        def read() -> list[HistoryEntry]:
            begin.wait(HANG_TIMEOUT)
            return follow(history, written)

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


def follow(history: PostgresHistory, written: Event) -> list[HistoryEntry]:
    """Return all changes, in the order in which one reader saw them."""
    seen: list[HistoryEntry] = []
    while True:
        last_look = written.is_set()
        page = history.changes(OWNER, (seen[-1].seq or 0) if seen else 0, 50)
        seen += page
        if last_look and not page:
            return seen


def test_event_of_unknown_key_adds_no_entry(db: DatabasePorts, history: PostgresHistory) -> None:
    assert db.queue.claim(ObjectRef("uploads/unknown", "e", 1, "5"), timedelta(minutes=1)) is None
    assert list(history.changes(OWNER, 0, 9)) == []
