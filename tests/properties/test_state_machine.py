"""Uploads, events, crashes, sweeps, reprocessing and deletion in any order: in the end everything is true."""

import logging
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from chalicelib.adapters.postgres import Database
from chalicelib.core.changes.history import HistoryEventType
from chalicelib.core.errors import ATTEMPTS_EXHAUSTED, OBJECT_MISSING
from chalicelib.core.files.model import File
from chalicelib.core.files.object_keys import DERIVED, UPLOADS
from chalicelib.core.files.statuses import STORED, Status
from chalicelib.core.sweep.sweep import MAX_ATTEMPTS
from tests.database_ports import MINUTE
from tests.properties.model import BAD, Fault, World, etag_of
from tests.samples import OWNER, checksum

BODIES = st.sampled_from([b"", b"one", b"two", b"three", BAD, BAD + b"der"])
NO_FAULT = Fault()
FAULTS = st.one_of(
    st.just(NO_FAULT), st.builds(Fault, at=st.integers(1, 8), killed=st.booleans(), after=st.booleans())
)
PICK = st.integers(0, 1000)
"""Which one of those that are there."""

ROUNDS_TO_HEAL = 4
LONGEST_BACKOFF = timedelta(days=2)


class FileLifecycleMachine(RuleBasedStateMachine):
    """What may happen to files, and what must hold all the time and in the end."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.database)

    def a_file(self, pick: int) -> UUID | None:
        files = sorted(self.world.accepted | self.world.unanswered)
        return files[pick % len(files)] if files else None

    @rule(body=BODIES, fault=FAULTS)
    def upload(self, body: bytes, fault: Fault) -> None:
        self.world.upload(body, fault)

    @rule(body=BODIES, number=st.integers(1, 3))
    def put_from_elsewhere(self, body: bytes, number: int) -> None:
        self.world.bucket.put_from_elsewhere(f"uploads/elsewhere/{number}", body)

    @rule(body=BODIES, pick=PICK)
    def replace_the_object_or_put_it_late(self, body: bytes, pick: int) -> None:
        if file_id := self.a_file(pick):
            key = (self.world.accepted | self.world.unanswered)[file_id]
            self.world.bucket.put_from_elsewhere(key, body)

    @rule(pick=PICK)
    def take_the_object_away(self, pick: int) -> None:
        if file_id := self.a_file(pick):
            self.world.bucket.objects.pop((self.world.accepted | self.world.unanswered)[file_id], None)

    @precondition(lambda self: self.world.bucket.events)
    @rule(pick=PICK, again=st.booleans(), fault=FAULTS)
    def deliver_any_event(self, pick: int, again: bool, fault: Fault) -> None:
        events = self.world.bucket.events
        event = events[pick % len(events)]
        self.world.deliver(event, fault)
        if not again:
            events.remove(event)

    @precondition(lambda self: self.world.bucket.events)
    @rule(pick=PICK)
    def lose_any_event(self, pick: int) -> None:
        events = self.world.bucket.events
        events.pop(pick % len(events))

    @rule(fault=FAULTS)
    def sweep(self, fault: Fault) -> None:
        self.world.sweep(fault)

    @rule()
    def let_time_pass(self) -> None:
        self.world.let_time_pass()

    @rule(pick=PICK)
    def reprocess(self, pick: int) -> None:
        if file_id := self.a_file(pick):
            self.world.db.files.requeue(OWNER, file_id)

    @rule(pick=PICK)
    def rename(self, pick: int) -> None:
        if file_id := self.a_file(pick):
            self.world.db.files.rename(OWNER, file_id, "another name")

    @rule(pick=PICK, fault=FAULTS)
    def delete(self, pick: int, fault: Fault) -> None:
        if file_id := self.a_file(pick):
            self.world.delete(file_id, fault)

    @precondition(lambda self: self.world.bucket.events)
    @rule(pick=PICK)
    def a_slow_worker_begins(self, pick: int) -> None:
        """It may never come to its end."""
        events = self.world.bucket.events
        self.world.begin(events.pop(pick % len(events)))

    @precondition(lambda self: self.world.slow)
    @rule(pick=PICK)
    def a_slow_worker_ends(self, pick: int) -> None:
        self.world.end(pick % len(self.world.slow))

    @invariant()
    def no_file_is_lost(self) -> None:
        status = {file.id: file.status for file in self.world.files()}
        assert all(status.get(file_id) in STORED for file_id in self.world.accepted)
        assert self.world.deleted.isdisjoint(status)

    @invariant()
    def what_is_told_is_of_one_object(self) -> None:
        for file in self.world.files():
            if file.status is Status.PROCESSED:
                assert file.result == {"etag": file.etag}
                assert (
                    file.thumbnail_key is None
                    or etag_of(self.world.content(file.thumbnail_key) or b"") == file.etag
                )
                assert file.failure is None
            assert (file.status is Status.FAILED) == (file.failure is not None)

    def teardown(self) -> None:
        world = self.world
        for _ in range(ROUNDS_TO_HEAL):
            world.let_time_pass(LONGEST_BACKOFF)
            world.sweep(NO_FAULT)
        for file in world.files():
            self.has_ended_truly(file)
        keys = [file.object_key for file in world.files()]
        assert world.objects(UPLOADS) <= set(keys), "an object has no file"
        assert world.objects(DERIVED) == {file.thumbnail_key for file in world.files()} - {None}
        assert len(keys) == len(set(keys))
        assert list(world.db.tombstones.pending(MINUTE, 9)) == []
        assert self.a_finish_for_each_claim_at_most()
        self.every_version_is_among_the_changes()

    def has_ended_truly(self, file: File) -> None:
        content = self.world.content(file.object_key)
        if file.failure is not None and file.failure.code == ATTEMPTS_EXHAUSTED.code:
            assert file.attempts_this_round >= MAX_ATTEMPTS
        elif content is not None:
            assert (file.size, file.etag) == (len(content), etag_of(content))
            assert file.checksum == checksum(content)
            assert file.status is (Status.FAILED if content.startswith(BAD) else Status.PROCESSED)
        elif file.id in self.world.unanswered and file.status is Status.EXPIRED:
            assert file.uploaded_at is None
        else:
            assert file.failure is not None
            assert file.failure.code == OBJECT_MISSING.code

    def a_finish_for_each_claim_at_most(self) -> bool:
        ends: Counter[tuple[UUID, int | None]] = Counter()
        for file in self.world.files():
            for entry in self.world.history.timeline(OWNER, file.id, 1000):
                if (
                    entry.type in {HistoryEventType.FINISHED, HistoryEventType.RETRIED}
                    and entry.error_code != ATTEMPTS_EXHAUSTED.code
                ):
                    ends[file.id, entry.attempts] += 1
        return all(times == 1 for times in ends.values())

    def every_version_is_among_the_changes(self) -> None:
        seen: dict[UUID, list[int | None]] = {}
        since = 0
        while page := self.world.history.changes(OWNER, since, 50):
            for entry in page:
                seen.setdefault(entry.file_id, []).append(entry.version)
            since = page[-1].seq or 0
        for file in self.world.files():
            assert seen[file.id] == list(range(1, file.version + 1))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.engine.dispose()


@pytest.mark.slow(15)
def test_every_interleaving_ends_in_a_true_terminal_status(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)  # the faults are wanted
    FileLifecycleMachine.database = database
    run_state_machine_as_test(FileLifecycleMachine)
