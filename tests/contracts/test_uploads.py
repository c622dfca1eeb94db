"""Files whose bytes the client sends to S3 itself, on the fake and on PostgreSQL."""

from datetime import timedelta
from uuid import UUID

import pytest
import uuid_utils.compat as uuids
from msgspec.structs import replace

from chalicelib.core.files.model import Failure, File, NewFile
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import KeyState
from chalicelib.core.uploads.ports import IdempotentRequest
from tests.database_ports import (
    ALREADY_OVER,
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    claim_file,
    reload,
)
from tests.samples import OTHER_OWNER, OWNER, new_file

REQUEST = IdempotentRequest("key", "digest")


def new_multipart(owner: str = OWNER) -> NewFile:
    return replace(new_file(size=350, owner=owner), multipart_upload_id="s3's id", part_size=100)


def unknown_id() -> UUID:
    return UUID(str(uuids.uuid7()))


class TestAdd:
    def test_the_row_has_what_was_announced(self, db: DatabasePorts) -> None:
        new = replace(new_multipart(), metadata={"order": "7"})
        file = db.uploads.add(new, MINUTE, None, REQUEST)
        assert file == db.files.get(OWNER, new.id)
        assert (file.status, file.request_digest) == (Status.AWAITING_UPLOAD, "digest")
        assert (file.multipart_upload_id, file.part_size, file.metadata) == ("s3's id", 100, {"order": "7"})
        assert file.expires_at is not None
        assert timedelta(0) < file.expires_at - file.created_at <= MINUTE

    def test_again_is_the_same_row(self, db: DatabasePorts) -> None:
        """As after a lost connection."""
        new = new_file()
        assert db.uploads.add(new, MINUTE, None, REQUEST) == db.uploads.add(new, MINUTE, None, REQUEST)

    def test_the_same_key_returns_the_first_row(self, db: DatabasePorts) -> None:
        first = db.uploads.add(new_file(), MINUTE, None, REQUEST)
        other = db.uploads.add(new_file("b.txt"), MINUTE, None, IdempotentRequest("key", "other"))
        assert other == first

    def test_keys_are_the_owners(self, db: DatabasePorts) -> None:
        first = db.uploads.add(new_file(), MINUTE, None, REQUEST)
        assert db.uploads.add(new_file(owner=OTHER_OWNER), MINUTE, None, REQUEST).id != first.id

    def test_a_key_is_free_again_when_its_file_is_deleted(self, db: DatabasePorts) -> None:
        first = db.uploads.add(new_file(), MINUTE, None, REQUEST)
        db.files.delete_leaving_tombstone(OWNER, first.id)
        assert db.uploads.add(new_file(), MINUTE, None, REQUEST).id != first.id

    def test_without_a_key_each_is_new(self, db: DatabasePorts) -> None:
        assert db.uploads.add(new_file(), MINUTE).id != db.uploads.add(new_file(), MINUTE).id


class TestDelete:
    def test_an_unfinished_upload_leaves_its_multipart_upload_to_be_aborted(self, db: DatabasePorts) -> None:
        file = db.uploads.add(new_multipart(), MINUTE)
        expected = DeletedFile(file.object_key, "s3's id")
        assert db.uploads.delete(OWNER, file.id) == expected
        assert db.files.get(OWNER, file.id) is None
        assert list(db.tombstones.pending(ALREADY_OVER, 9)) == [expected]
        assert db.uploads.delete(OWNER, file.id) == expected  # until the tombstone is cleared
        db.tombstones.clear(file.object_key)
        assert db.uploads.delete(OWNER, file.id) is None

    def test_an_expired_one_can_be_deleted(self, db: DatabasePorts) -> None:
        file = db.uploads.add(new_multipart(), ALREADY_OVER)
        db.queue.expire(file)
        assert db.uploads.delete(OWNER, file.id) == DeletedFile(file.object_key, "s3's id")

    def test_a_file_whose_bytes_arrived_stays(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        assert db.uploads.delete(OWNER, file.id) is None
        assert reload(db, file) == file

    def test_a_rejected_file_stays_although_it_has_a_tombstone(self, db: DatabasePorts) -> None:
        rejected = db.queue.reject(claim_file(db, add_uploaded(db)), Failure("too_large", "too large"))
        assert rejected is not None
        assert db.uploads.delete(OWNER, rejected.id) is None
        assert db.files.delete_leaving_tombstone(OWNER, rejected.id) == DeletedFile(rejected.object_key)
        assert db.files.get(OWNER, rejected.id) is None

    def test_another_owners_and_an_unknown_file(self, db: DatabasePorts) -> None:
        file = db.uploads.add(new_multipart(), MINUTE)
        assert db.uploads.delete(OTHER_OWNER, file.id) is None
        assert db.uploads.delete(OWNER, unknown_id()) is None

    def test_a_finished_file_has_no_multipart_upload_to_abort(self, db: DatabasePorts) -> None:
        file = db.uploads.add(new_multipart(), MINUTE)
        db.files.mark_uploaded(OWNER, file.id, "etag")
        assert db.files.delete_leaving_tombstone(OWNER, file.id) == DeletedFile(file.object_key)


def overdue_ids(db: DatabasePorts) -> list[UUID]:
    return [file.id for file in db.queue.overdue(MINUTE, 9)]


class TestCheck:
    def test_an_upload_is_overdue_at_its_check(self, db: DatabasePorts) -> None:
        checked = db.uploads.add(new_multipart(), MINUTE, ALREADY_OVER)
        db.uploads.add(new_multipart(), MINUTE, MINUTE)
        assert overdue_ids(db) == [checked.id]

    def test_a_check_is_not_after_the_end(self, db: DatabasePorts) -> None:
        file = db.uploads.add(new_multipart(), ALREADY_OVER, MINUTE)
        assert overdue_ids(db) == [file.id]

    def test_without_a_check_it_is_overdue_at_the_end(self, db: DatabasePorts) -> None:
        over = db.uploads.add(new_file(), ALREADY_OVER)
        db.uploads.add(new_file(), MINUTE)
        assert overdue_ids(db) == [over.id]

    def test_a_postponed_one_is_not_overdue(self, db: DatabasePorts) -> None:
        file = db.uploads.add(new_multipart(), timedelta(days=1), ALREADY_OVER)
        assert db.queue.postpone_check(file)
        assert reload(db, file).version == file.version

    def test_an_expired_one_is_not_postponed(self, db: DatabasePorts) -> None:
        file = db.uploads.add(new_multipart(), ALREADY_OVER)
        assert not db.queue.postpone_check(file)
        assert overdue_ids(db) == [file.id]

    def test_neither_is_one_whose_bytes_arrived(self, db: DatabasePorts) -> None:
        assert not db.queue.postpone_check(add_uploaded(db))


class TestReject:
    FAILURE = Failure("file_too_large", "message")

    def rejected(self, db: DatabasePorts) -> File:
        rejected = db.queue.reject(claim_file(db, add_uploaded(db)), self.FAILURE)
        assert rejected is not None
        return rejected

    def test_the_file_says_why_and_its_object_is_to_be_deleted(self, db: DatabasePorts) -> None:
        file = self.rejected(db)
        assert file == reload(db, file)
        assert (file.status, file.failure, file.result) == (Status.REJECTED, self.FAILURE, None)
        assert list(db.tombstones.pending(ALREADY_OVER, 9)) == [DeletedFile(file.object_key)]
        assert db.queue.key_state(file.object_key) is KeyState.REJECTED

    def test_it_stays_rejected(self, db: DatabasePorts) -> None:
        file = self.rejected(db)
        assert db.queue.claim(ObjectRef(file.object_key, "new", 3, "9"), MINUTE) is None
        assert db.files.requeue(OWNER, file.id) is None
        assert db.files.mark_uploaded(OWNER, file.id, "etag") == file
        assert overdue_ids(db) == []

    def test_a_lost_claim_rejects_nothing(self, db: DatabasePorts) -> None:
        claim = claim_file(db, add_uploaded(db), ALREADY_OVER)
        claim_file(db, claim)
        assert db.queue.reject(claim, self.FAILURE) is None
        assert list(db.tombstones.pending(ALREADY_OVER, 9)) == []

    def test_it_can_be_deleted(self, db: DatabasePorts) -> None:
        file = self.rejected(db)
        assert db.files.delete_leaving_tombstone(OWNER, file.id) == DeletedFile(file.object_key)
        assert db.queue.key_state(file.object_key) is KeyState.DELETED

    def test_a_processed_file_that_is_rejected_keeps_no_thumbnail(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        claim = db.queue.claim(ObjectRef(file.object_key, "larger", 3, "9"), MINUTE)
        assert claim is not None
        rejected = db.queue.reject(claim, self.FAILURE)
        assert rejected is not None
        assert (rejected.thumbnail_key, rejected.detected_type) == (None, None)


@pytest.mark.parametrize("owner", [OWNER, OTHER_OWNER])
def test_an_adopted_object_has_no_metadata(db: DatabasePorts, owner: str) -> None:
    new = new_file(owner=owner, key="uploads/another.txt")
    db.queue.adopt(new)
    adopted = db.files.get(owner, new.id)
    assert adopted is not None
    assert adopted.metadata == {}
