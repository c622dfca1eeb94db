"""The conformance suite of `History`. What needs concurrent transactions is in test_history_transactions.py."""

from collections.abc import Sequence
from itertools import pairwise

from chalicelib.core.changes.history import HistoryEntry, HistoryEventType
from chalicelib.core.files.model import Failure
from chalicelib.core.files.statuses import Status
from chalicelib.core.files.update_file import UpdateFile, update_file
from chalicelib.core.processing.object_ref import ObjectRef
from tests.database_ports import ALREADY_OVER, MINUTE, DatabasePorts, add_uploaded, claim_file
from tests.samples import ANALYZED_OBJECT, OTHER_OWNER, OWNER, analysis, new_file


def event_types(entries: Sequence[HistoryEntry]) -> list[str]:
    return [entry.type.value for entry in entries]


class TestTimeline:
    def test_timeline_has_every_step_of_a_file(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        ref = ObjectRef(file.object_key, "etag", 3, "5")
        claim = db.queue.claim(ref, MINUTE)
        assert claim is not None
        db.queue.claim(ref, MINUTE)
        db.queue.release(claim)
        db.queue.finish(claim_file(db, file), analysis(), ANALYZED_OBJECT)
        update_file(UpdateFile(OWNER, file.id, "b.txt"), files=db.files)
        db.files.requeue(OWNER, file.id)
        db.queue.finish(claim_file(db, file), Failure("c", "m"), ANALYZED_OBJECT)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        entries = list(db.history.timeline(OWNER, file.id, 100))
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

    def test_entries_and_changes_have_the_mismatch_at_that_time(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.queue.finish(claim_file(db, file), analysis("image/png", mismatch=True), ANALYZED_OBJECT)
        update_file(UpdateFile(OWNER, file.id, "a.png"), files=db.files)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        expected = [None, None, None, True, True, True]  # a PNG that is declared as text
        assert [entry.mismatch for entry in db.history.timeline(OWNER, file.id, 9)] == expected
        assert [entry.mismatch for entry in db.history.changes(OWNER, 0, 9)] == expected

    def test_entries_and_changes_have_the_metadata_at_that_time(self, db: DatabasePorts) -> None:
        file = new_file(metadata={"order": "7"})
        db.files.add(file, MINUTE)
        for change in ({"metadata": {"order": "8"}}, {"name": "b.txt"}, {"name": "c.txt", "metadata": {}}):
            update_file(UpdateFile(OWNER, file.id, **change), files=db.files)
        update_file(UpdateFile(OWNER, file.id, metadata={"order": "9"}), files=db.files)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        expected = [
            ("announced", {"order": "7"}),
            ("metadata_changed", {"order": "8"}),
            ("renamed", {"order": "8"}),
            ("renamed", {}),
            ("metadata_changed", {"order": "9"}),
            ("deleted", {"order": "9"}),
        ]
        assert [(e.type, e.metadata) for e in db.history.timeline(OWNER, file.id, 9)] == expected
        assert [(e.type, e.metadata) for e in db.history.changes(OWNER, 0, 9)] == expected

    def test_a_change_of_metadata_at_any_time_is_one(self, db: DatabasePorts) -> None:
        """Also while the file awaits its bytes, or is processed."""
        new = new_file()
        db.files.add(new, MINUTE)
        metadata: dict[str, str] = {}

        def change_metadata() -> None:
            metadata["step"] = f"{len(db.history.timeline(OWNER, new.id, 99))}"
            update_file(UpdateFile(OWNER, new.id, metadata=metadata), files=db.files)

        change_metadata()
        file = db.files.mark_uploaded(OWNER, new.id, "etag")
        assert file is not None
        change_metadata()
        claimed = claim_file(db, file)
        change_metadata()
        db.queue.finish(claimed, analysis(), ANALYZED_OBJECT)
        change_metadata()
        db.files.requeue(OWNER, file.id)
        change_metadata()
        types = event_types(db.history.timeline(OWNER, file.id, 99))
        assert types[1::2] == ["metadata_changed"] * 5
        assert types[::2] == ["announced", "stored", "claimed", "finished", "reopened"]

    def test_timeline_of_expired_and_adopted_files(self, db: DatabasePorts) -> None:
        late, adopted = new_file(), new_file(key="uploads/x")
        db.files.add(late, ALREADY_OVER)
        [overdue] = db.queue.overdue(MINUTE, 9)
        db.queue.expire(overdue)
        db.files.mark_uploaded(OWNER, late.id, "etag")
        db.queue.adopt(adopted)
        assert event_types(db.history.timeline(OWNER, late.id, 9)) == ["announced", "expired", "stored"]
        assert event_types(db.history.timeline(OWNER, adopted.id, 9)) == ["stored"]

    def test_timeline_has_dead_letters(self, db: DatabasePorts) -> None:
        waiting, awaited = add_uploaded(db), new_file()
        db.files.add(awaited, MINUTE)
        for key in (waiting.object_key, awaited.object_key, "uploads/unknown"):
            db.queue.record_dead_letter(key, "RetriesExhausted: storage_unavailable")
        entries = db.history.timeline(OWNER, waiting.id, 9)
        assert event_types(entries) == ["announced", "stored", "dead_letter"]
        assert (entries[-1].detail, entries[-1].version) == (
            {"reason": "RetriesExhausted: storage_unavailable"},
            None,
        )
        assert sorted(event_types(db.history.timeline(OWNER, awaited.id, 9))) == [
            "announced",
            "dead_letter",
            "stored",
        ]
        assert event_types(db.history.changes(OWNER, 0, 9)) == ["announced", "stored"] * 2

    def test_call_that_changes_nothing_adds_no_entry(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.files.mark_uploaded(OWNER, file.id, "etag")
        claim_file(db, file)
        db.queue.claim(ObjectRef(file.object_key, "other"), MINUTE)
        assert event_types(db.history.timeline(OWNER, file.id, 9)) == ["announced", "stored", "claimed"]

    def test_timeline_of_another_owners_file_is_empty(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert list(db.history.timeline(OTHER_OWNER, file.id, 9)) == []

    def test_timeline_is_limited_to_the_newest_entries(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        for number in range(5):
            update_file(UpdateFile(OWNER, file.id, f"{number}"), files=db.files)
        assert event_types(db.history.timeline(OWNER, file.id, 2)) == ["renamed", "renamed"]


class TestChanges:
    def test_changes_have_each_change_once(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.queue.claim(ObjectRef(file.object_key, "etag", 3, "5"), MINUTE)
        first = list(db.history.changes(OWNER, 0, 9))
        assert event_types(first) == [
            "announced",
            "stored",
            "claimed",
        ]  # no event: clients don't see it in the file
        last = first[-1].seq
        assert last is not None
        assert list(db.history.changes(OWNER, last, 9)) == []
        db.files.delete_leaving_tombstone(OWNER, file.id)
        assert event_types(db.history.changes(OWNER, last, 9)) == ["deleted"]
        assert event_types(db.history.changes(OWNER, 0, 9)) == ["announced", "stored", "claimed", "deleted"]

    def test_changes_come_in_pages(self, db: DatabasePorts) -> None:
        files = [add_uploaded(db) for _ in range(5)]
        seen: list[HistoryEntry] = []
        while page := db.history.changes(OWNER, (seen[-1].seq or 0) if seen else 0, 3):
            assert len(page) <= 3
            seen += page
        assert [entry.file_id for entry in seen] == [file.id for file in files for _ in range(2)]

    def test_changes_are_those_of_one_owner(self, db: DatabasePorts) -> None:
        add_uploaded(db)
        theirs = add_uploaded(db, owner=OTHER_OWNER)
        entries = list(db.history.changes(OTHER_OWNER, 0, 9))
        assert {entry.file_id for entry in entries} == {theirs.id}
        assert [entry.seq for entry in entries] == [1, 2]

    def test_newest_changes_are_the_last_ones_in_their_order(self, db: DatabasePorts) -> None:
        files = [add_uploaded(db) for _ in range(3)]
        add_uploaded(db, owner=OTHER_OWNER)
        page = db.history.newest_changes(OWNER, 0, 3)
        assert [entry.file_id for entry in page.entries] == [files[1].id, files[2].id, files[2].id]
        assert not page.more
        last = page.entries[-1].seq or 0
        assert not db.history.newest_changes(OWNER, last, 3).entries
        assert db.history.newest_changes(OWNER, last - 1, 3).entries == page.entries[-1:]
        assert list(db.history.changes(OWNER, last, 9)) == []


def test_event_of_unknown_key_adds_no_entry(db: DatabasePorts) -> None:
    assert db.queue.claim(ObjectRef("uploads/unknown", "e", 1, "5"), MINUTE) is None
    assert list(db.history.changes(OWNER, 0, 9)) == []
