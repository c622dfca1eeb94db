"""The timeline of a file, and the change feed."""

import pytest
import uuid_utils.compat as uuids
from msgspec.structs import replace

from chalicelib.core.changes.history import ChangePage
from chalicelib.core.changes.list_changes import ListChanges, list_changes
from chalicelib.core.changes.timeline import TIMELINE_LIMIT, GetTimeline, get_timeline
from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.files.update_file import UpdateFile, update_file
from tests.database_ports import FakePorts, add_processed, add_uploaded
from tests.samples import OTHER_OWNER, OWNER


class TestGetTimeline:
    def test_timeline_has_the_entries_of_the_file_alone(self, db: FakePorts) -> None:
        file = add_processed(db)
        add_uploaded(db)
        entries = get_timeline(GetTimeline(OWNER, file.id), history=db.history, files=db.files)
        assert [entry.type for entry in entries] == ["announced", "stored", "event", "claimed", "finished"]
        assert {entry.file_id for entry in entries} == {file.id}

    def test_timeline_is_limited_to_the_newest_entries(self, db: FakePorts) -> None:
        file = add_uploaded(db)
        for number in range(TIMELINE_LIMIT):
            update_file(UpdateFile(OWNER, file.id, f"{number}"), files=db.files)
        entries = get_timeline(GetTimeline(OWNER, file.id), history=db.history, files=db.files)
        assert len(entries) == TIMELINE_LIMIT
        assert {entry.type for entry in entries} == {"renamed"}

    def test_timeline_of_deleted_file_is_kept(self, db: FakePorts) -> None:
        file = add_uploaded(db)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        entries = get_timeline(GetTimeline(OWNER, file.id), history=db.history, files=db.files)
        assert [entry.type for entry in entries] == ["announced", "stored", "deleted"]

    def test_timeline_of_file_older_than_the_history_is_empty(self, db: FakePorts) -> None:
        file = add_uploaded(db)
        db.table.history.clear()
        assert list(get_timeline(GetTimeline(OWNER, file.id), history=db.history, files=db.files)) == []

    def test_timeline_of_unknown_file_raises_not_found(self, db: FakePorts) -> None:
        with pytest.raises(ServiceError) as caught:
            get_timeline(GetTimeline(OWNER, uuids.uuid7()), history=db.history, files=db.files)
        assert caught.value.kind is FILE_NOT_FOUND

    def test_timeline_of_another_owners_file_raises_not_found(self, db: FakePorts) -> None:
        file = add_uploaded(db, owner=OTHER_OWNER)
        with pytest.raises(ServiceError) as caught:
            get_timeline(GetTimeline(OWNER, file.id), history=db.history, files=db.files)
        assert caught.value.kind is FILE_NOT_FOUND


class TestListChanges:
    def test_changes_continue_after_the_last_seq(self, db: FakePorts) -> None:
        command = ListChanges(OWNER, since=0, limit=2)
        files = [add_uploaded(db), add_uploaded(db)]
        first = list_changes(command, history=db.history).entries
        assert [entry.file_id for entry in first] == [files[0].id] * 2
        second = list_changes(replace(command, since=first[-1].seq or 0), history=db.history).entries
        assert [entry.file_id for entry in second] == [files[1].id] * 2
        assert list_changes(replace(command, since=second[-1].seq or 0), history=db.history) == ChangePage(
            [], more=False
        )

    def test_changes_are_those_of_the_owner(self, db: FakePorts) -> None:
        add_uploaded(db, owner=OTHER_OWNER)
        mine = add_uploaded(db)
        entries = list_changes(ListChanges(OWNER, since=0, limit=9), history=db.history).entries
        assert [(entry.file_id, entry.type) for entry in entries] == [(mine.id, "announced"), (mine.id, "stored")]

    def test_newest_changes_are_the_last_ones(self, db: FakePorts) -> None:
        files = [add_uploaded(db), add_uploaded(db)]
        page = list_changes(ListChanges(OWNER, since=0, limit=1, newest=True), history=db.history)
        assert [(entry.file_id, entry.seq) for entry in page.entries] == [(files[1].id, 4)]
        assert not page.more
