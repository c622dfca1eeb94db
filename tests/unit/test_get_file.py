"""Getting a file, with and without a long poll."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.files.get_file import MAX_PAUSE, GetFile, get_file
from chalicelib.core.files.rename_file import RenameFile, rename_file
from tests.database_ports import FakePorts
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


class TestGetFile:
    def test_get_file_without_wait_returns_at_once(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        assert get_file(GetFile(OWNER, file.id), files=db.files, clock=clock.time, pause=clock.pause) == file
        assert clock.pauses == []

    def test_long_poll_for_older_version_returns_at_once(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        assert (
            get_file(
                GetFile(OWNER, file.id, file.version - 1, WAIT),
                files=db.files,
                clock=clock.time,
                pause=clock.pause,
            )
            == file
        )
        assert clock.pauses == []

    @pytest.mark.parametrize("with_since", [True, False])
    def test_long_poll_ends_when_the_file_changes(
        self, db: FakePorts, storage: FakeStorage, with_since: bool
    ) -> None:
        file, clock = upload(db, storage), Clock()

        def rename_after_five_seconds() -> None:
            if clock.now > 5:
                rename_file(RenameFile(OWNER, file.id, "b"), files=db.files)

        clock.on_pause_end = rename_after_five_seconds
        since = file.version if with_since else None
        changed = get_file(
            GetFile(OWNER, file.id, since, WAIT), files=db.files, clock=clock.time, pause=clock.pause
        )
        assert changed.name == "b"
        assert clock.now < 5 + 2 * MAX_PAUSE

    def test_long_poll_without_change_ends_after_its_wait(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        assert (
            get_file(
                GetFile(OWNER, file.id, file.version, WAIT), files=db.files, clock=clock.time, pause=clock.pause
            )
            == file
        )
        assert clock.now == pytest.approx(WAIT.total_seconds())
        assert len(clock.pauses) < 30  # each is a statement
        assert clock.pauses[0] == 0.1
        assert max(clock.pauses) == MAX_PAUSE

    def test_long_poll_of_deleted_file_raises_not_found(self, db: FakePorts, storage: FakeStorage) -> None:
        file, clock = upload(db, storage), Clock()
        clock.on_pause_end = lambda: db.files.delete_leaving_tombstone(OWNER, file.id)
        with pytest.raises(ServiceError) as caught:
            get_file(GetFile(OWNER, file.id, None, WAIT), files=db.files, clock=clock.time, pause=clock.pause)
        assert caught.value.kind is FILE_NOT_FOUND
