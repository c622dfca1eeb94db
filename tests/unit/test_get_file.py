"""Getting a file, with and without a long poll."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.core.errors import DATABASE_UNAVAILABLE, FILE_NOT_FOUND, ServiceError
from chalicelib.core.files.get_file import LEASE_MARGIN, MAX_PAUSE, RETRY_AFTER, FoundFile, GetFile, get_file
from chalicelib.core.files.model import File
from chalicelib.core.files.update_file import UpdateFile, update_file
from chalicelib.settings import from_environ
from emulator.http_server import THREADS
from tests.database_ports import MAX_LONG_POLLS, FakePorts
from tests.fakes.storage import FakeStorage
from tests.samples import OWNER
from tests.unit.use_cases import upload

WAIT = timedelta(seconds=20)


class Clock:
    """Time that passes in pauses only, and a function that is called at the end of each."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.on_pause_end: Callable[[], object] = lambda: None

    def time(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self.on_pause_end()


def poll(db: FakePorts, file: File, clock: Clock, since: int | None = None, wait: timedelta = WAIT) -> FoundFile:
    command = GetFile(OWNER, file.id, since, wait)
    return get_file(command, files=db.files, long_polls=db.long_polls, clock=clock.time, pause=clock.pause)


class TestGetFile:
    def test_get_file_without_wait_returns_at_once(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        assert poll(db, file, clock, wait=timedelta(0)) == FoundFile(file)
        assert clock.pauses == []

    def test_long_poll_for_older_version_returns_at_once(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        assert poll(db, file, clock, file.version - 1) == FoundFile(file)
        assert clock.pauses == []

    @pytest.mark.parametrize("with_since", [True, False])
    def test_long_poll_ends_when_the_file_changes(
        self, db: FakePorts, storage: FakeStorage, with_since: bool
    ) -> None:
        file, clock = upload(db, storage), Clock()

        def rename_after_five_seconds() -> None:
            if clock.now > 5:
                update_file(UpdateFile(OWNER, file.id, "b"), files=db.files)

        clock.on_pause_end = rename_after_five_seconds
        changed = poll(db, file, clock, file.version if with_since else None)
        assert (changed.file.name, changed.retry_after) == ("b", None)
        assert clock.now < 5 + 2 * MAX_PAUSE

    def test_long_poll_without_change_ends_after_its_wait(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        assert poll(db, file, clock, file.version) == FoundFile(file)
        assert clock.now == pytest.approx(WAIT.total_seconds())
        assert len(clock.pauses) < 30  # each is a statement
        assert clock.pauses[0] == 0.1
        assert max(clock.pauses) == MAX_PAUSE

    def test_long_poll_of_deleted_file_raises_not_found(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        clock.on_pause_end = lambda: db.files.delete_leaving_tombstone(OWNER, file.id)
        with pytest.raises(ServiceError) as caught:
            poll(db, file, clock)
        assert caught.value.kind is FILE_NOT_FOUND


class TestConcurrentLongPolls:
    def test_long_poll_beyond_the_limit_returns_at_once(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        for _ in range(MAX_LONG_POLLS):
            assert db.long_polls.acquire(WAIT)
        assert poll(db, file, clock) == FoundFile(file, RETRY_AFTER)
        assert clock.pauses == []

    def test_long_polls_wait_one_after_the_other(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        for _ in range(2 * MAX_LONG_POLLS):
            assert poll(db, file, clock).retry_after is None

    def test_long_poll_that_fails_gives_its_slot_back(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        clock.on_pause_end = lambda: db.files.delete_leaving_tombstone(OWNER, file.id)
        with pytest.raises(ServiceError):
            poll(db, file, clock)
        assert all(db.long_polls.acquire(WAIT) for _ in range(MAX_LONG_POLLS))

    @pytest.mark.parametrize("method", ["acquire", "release"])
    def test_a_database_that_can_only_be_read_still_has_the_file(
        self, db: FakePorts, storage: FakeStorage, method: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ServiceError(DATABASE_UNAVAILABLE)

        file, clock = upload(db, storage), Clock()
        monkeypatch.setattr(db.long_polls, method, fail)
        assert poll(db, file, clock).file == file
        assert bool(clock.pauses) is (method == "release")

    def test_slot_is_leased_for_longer_than_the_wait(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock, leases = upload(db, storage), Clock(), list[timedelta]()
        acquire = db.long_polls.acquire
        db.long_polls.acquire = lambda lease: (leases.append(lease), acquire(lease))[1]  # type: ignore[func-returns-value, method-assign]
        poll(db, file, clock)
        assert leases == [WAIT + LEASE_MARGIN]

    def test_the_emulator_has_more_threads_than_long_polls(self) -> None:
        assert from_environ({}).max_long_polls < THREADS
