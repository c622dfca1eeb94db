"""What owners have stored, and their quotas, on the fake and on PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.errors import (
    DAILY_QUOTA_EXCEEDED,
    QUOTA_EXCEEDED,
    REJECTED_OVER_QUOTA,
    RejectedContentError,
    ServiceError,
    TemporaryError,
)
from chalicelib.core.files.model import AnalyzedObject, Failure, File, NewFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import Quotas
from chalicelib.core.processing.ports import KeyState
from chalicelib.core.uploads.ports import IdempotentRequest
from tests.contracts.locks import locked
from tests.database_ports import (
    ALREADY_OVER,
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    claim_file,
    postgres_ports,
    reload,
)
from tests.samples import ANALYZED_OBJECT, OTHER_OWNER, OWNER, analysis, new_file

ONE_FILE, THREE_BYTES = Quotas(max_files=1), Quotas(max_stored_bytes=3)


def used(db: DatabasePorts, owner: str = OWNER) -> tuple[int, int, int, int]:
    usage = db.usage_counts.get(owner)
    return usage.files, usage.bytes, usage.files_today, usage.bytes_today


def add_upload(db: DatabasePorts, size: int | None = 3, quotas: Quotas = ONE_FILE, owner: str = OWNER) -> File:
    return db.uploads.add(new_file(size=size, owner=owner), MINUTE, quotas=quotas)


def refusal(call: Callable[[], object]) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value


class TestUsage:
    def test_an_owner_without_files_has_used_nothing(self, db: DatabasePorts) -> None:
        assert used(db) == (0, 0, 0, 0)

    def test_a_day_ends_at_midnight_of_utc(self, db: DatabasePorts) -> None:
        add_upload(db)
        for owner in (OWNER, OTHER_OWNER):
            usage = db.usage_counts.get(owner)
            end = usage.day_ends_at.astimezone(UTC)
            assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
            assert timedelta(0) < usage.day_ends_in <= timedelta(days=1)

    def test_an_announced_file_counts(self, db: DatabasePorts) -> None:
        add_upload(db, 3)
        db.files.add(new_file(size=4), MINUTE)
        assert used(db) == (2, 7, 2, 7)
        assert used(db, OTHER_OWNER) == (0, 0, 0, 0)

    def test_bytes_count_when_they_are_known(self, db: DatabasePorts) -> None:
        file = add_upload(db, None)
        assert used(db) == (1, 0, 1, 0)
        db.queue.finish(claim_file(db, file), analysis(), replace(ANALYZED_OBJECT, size=5))
        assert used(db) == (1, 5, 1, 5)

    def test_a_larger_or_smaller_object_changes_the_bytes(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        for size, today in ((10, 10), (4, 10), (6, 12)):
            db.files.requeue(OWNER, file.id)
            db.queue.finish(claim_file(db, file), analysis(), AnalyzedObject(size, f"etag {size}", None))
            assert used(db) == (1, size, 1, today)

    def test_what_is_gone_counts_no_more_but_was_added_today(self, db: DatabasePorts) -> None:
        deleted, expired, rejected = (
            add_upload(db, quotas=Quotas()),
            add_upload(db, quotas=Quotas()),
            add_uploaded(db),
        )
        assert used(db) == (3, 9, 3, 9)
        db.files.delete_leaving_tombstone(OWNER, deleted.id)
        assert used(db) == (2, 6, 3, 9)
        db.queue.expire(expired)
        assert used(db) == (1, 3, 3, 9)
        db.queue.reject(claim_file(db, rejected), Failure("code", "message"))
        assert used(db) == (0, 0, 3, 9)

    def test_an_expired_file_whose_bytes_come_counts_again(self, db: DatabasePorts) -> None:
        file = add_upload(db)
        db.queue.expire(file)
        claim_file(db, file)
        assert used(db) == (1, 3, 1, 3)

    def test_deleting_a_file_that_does_not_count_changes_nothing(self, db: DatabasePorts) -> None:
        file = add_upload(db)
        db.queue.expire(file)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        assert used(db) == (0, 0, 1, 3)

    def test_an_adopted_object_counts(self, db: DatabasePorts) -> None:
        db.queue.adopt(new_file(size=8, key="uploads/another.txt"))
        assert used(db) == (1, 8, 1, 8)

    def test_other_changes_change_nothing(self, db: DatabasePorts) -> None:
        file = add_processed(db)
        db.files.update(OWNER, file.id, metadata={"order": "7"})
        db.files.requeue(OWNER, file.id)
        assert used(db) == (1, 3, 1, 3)


@pytest.mark.parametrize("adds_upload", [True, False])
class TestNewFiles:
    @pytest.fixture
    def add(self, db: DatabasePorts, adds_upload: bool) -> Callable[..., None]:
        def add(quotas: Quotas, size: int | None = 3, owner: str = OWNER) -> None:
            new = new_file(size=size, owner=owner)
            if adds_upload:
                assert db.uploads.add(new, MINUTE, quotas=quotas) == db.files.get(owner, new.id)
            else:
                db.files.add(new, MINUTE, quotas)
                assert db.files.get(owner, new.id) is not None

        return add

    def test_files(self, db: DatabasePorts, add: Callable[..., None]) -> None:
        add(ONE_FILE)
        error = refusal(lambda: add(ONE_FILE))
        assert error.kind is QUOTA_EXCEEDED
        assert "your quota of 1 files: 1 are used, and 1 would be added" in error.message
        assert used(db) == (1, 3, 1, 3)
        add(ONE_FILE, owner=OTHER_OWNER)

    def test_bytes(self, db: DatabasePorts, add: Callable[..., None]) -> None:
        assert refusal(lambda: add(THREE_BYTES, 4)).kind is QUOTA_EXCEEDED
        add(THREE_BYTES, 3)
        assert "3 bytes: 3 are used, and 1 would be added" in refusal(lambda: add(THREE_BYTES, 1)).message
        assert used(db) == (1, 3, 1, 3)
        add(THREE_BYTES, 0)

    def test_one_of_unknown_size_needs_a_byte(self, add: Callable[..., None]) -> None:
        add(THREE_BYTES, 2)
        add(THREE_BYTES, None)
        add(THREE_BYTES, 1)
        assert refusal(lambda: add(THREE_BYTES, None)).kind is QUOTA_EXCEEDED

    @pytest.mark.parametrize("quotas", [Quotas(max_files_per_day=1), Quotas(max_bytes_per_day=3)])
    def test_a_day(self, db: DatabasePorts, add: Callable[..., None], quotas: Quotas) -> None:
        add(quotas)
        for row in db.queue.overdue(ALREADY_OVER, 9):
            db.queue.expire(row)
        error = refusal(lambda: add(quotas))
        assert error.kind is DAILY_QUOTA_EXCEEDED
        assert isinstance(error, TemporaryError)
        assert timedelta(0) < error.retry_after <= timedelta(days=1)
        assert " a day: " in error.message

    def test_space_that_is_made_can_be_used(self, db: DatabasePorts, add: Callable[..., None]) -> None:
        file = add_upload(db)
        assert refusal(lambda: add(ONE_FILE)).kind is QUOTA_EXCEEDED
        db.files.delete_leaving_tombstone(OWNER, file.id)
        add(ONE_FILE)


class TestIdempotency:
    REQUEST = IdempotentRequest("key", "digest")

    def test_the_same_request_is_neither_refused_nor_counted_again(self, db: DatabasePorts) -> None:
        quotas = Quotas(max_files=1, max_stored_bytes=3, max_files_per_day=1, max_bytes_per_day=3)
        first = db.uploads.add(new_file(), MINUTE, None, self.REQUEST, quotas)
        assert db.uploads.add(new_file(), MINUTE, None, self.REQUEST, quotas) == first
        assert used(db) == (1, 3, 1, 3)
        other = IdempotentRequest("other", "digest")
        assert refusal(lambda: db.uploads.add(new_file(), MINUTE, None, other, quotas)).kind is QUOTA_EXCEEDED

    def test_a_retry_after_a_lost_connection_is_the_same(self, db: DatabasePorts) -> None:
        new = new_file()
        assert db.uploads.add(new, MINUTE, quotas=ONE_FILE) == db.uploads.add(new, MINUTE, quotas=ONE_FILE)
        assert used(db) == (1, 3, 1, 3)


class TestArrivedBytes:
    def test_a_size_within_the_quota_is_stored(self, db: DatabasePorts) -> None:
        claimed = claim_file(db, add_upload(db, None))
        db.queue.record_size(claimed, 3, THREE_BYTES)
        assert reload(db, claimed).size == 3
        assert used(db) == (1, 3, 1, 3)
        db.queue.record_size(claimed, 2, THREE_BYTES)
        db.queue.record_size(claimed, 3, THREE_BYTES)
        assert used(db) == (1, 3, 1, 4)

    @pytest.mark.parametrize("quotas", [THREE_BYTES, Quotas(max_bytes_per_day=3)])
    def test_a_larger_one_is_not(self, db: DatabasePorts, quotas: Quotas) -> None:
        claimed = claim_file(db, add_upload(db, None))
        with pytest.raises(RejectedContentError) as caught:
            db.queue.record_size(claimed, 4, quotas)
        assert caught.value.kind is REJECTED_OVER_QUOTA
        assert (
            "The file has 4 bytes, with which its owner would exceed the quota of 3 bytes" in caught.value.message
        )
        assert reload(db, claimed) == claimed
        assert used(db) == (1, 0, 1, 0)

    def test_a_file_that_grows_takes_only_what_is_added(self, db: DatabasePorts) -> None:
        claimed = claim_file(db, add_uploaded(db, size=3))
        db.queue.record_size(claimed, 5, Quotas(max_stored_bytes=5))
        assert used(db) == (1, 5, 1, 5)

    def test_a_lost_claim_stores_nothing(self, db: DatabasePorts) -> None:
        claimed = claim_file(db, add_upload(db, None), ALREADY_OVER)
        claim_file(db, claimed)
        db.queue.record_size(claimed, 4, THREE_BYTES)
        assert reload(db, claimed).size is None


class TestAdoption:
    def adopted(self) -> NewFile:
        return new_file(size=3, key="uploads/another.txt")

    def test_an_object_within_the_quotas_is_adopted_once(self, db: DatabasePorts) -> None:
        new = self.adopted()
        for _ in range(2):
            db.queue.adopt(new, ONE_FILE)
        file = db.files.get(OWNER, new.id)
        assert file is not None
        assert (file.status, file.size) == (Status.UPLOADED, 3)
        assert used(db) == (1, 3, 1, 3)

    @pytest.mark.parametrize("quotas", [ONE_FILE, Quotas(max_stored_bytes=5), Quotas(max_files_per_day=1)])
    def test_one_over_them_is_not(self, db: DatabasePorts, quotas: Quotas) -> None:
        add_uploaded(db)
        new = self.adopted()
        with pytest.raises(RejectedContentError) as caught:
            db.queue.adopt(new, quotas)
        assert caught.value.kind is REJECTED_OVER_QUOTA
        assert db.queue.key_state(new.object_key) is KeyState.UNKNOWN

    def test_it_is_rejected_and_its_object_deleted(self, db: DatabasePorts) -> None:
        new, failure = self.adopted(), Failure("quota_exceeded", "message")
        for _ in range(2):
            db.queue.adopt_rejected(new, failure)
        file = db.files.get(OWNER, new.id)
        assert file is not None
        assert (file.status, file.failure, file.version) == (Status.REJECTED, failure, 1)
        assert [each.object_key for each in db.tombstones.pending(ALREADY_OVER, 9)] == [new.object_key]
        assert db.queue.key_state(new.object_key) is KeyState.REJECTED
        assert used(db) == (0, 0, 0, 0)

    def test_a_deleted_files_object_is_not_adopted(self, db: DatabasePorts) -> None:
        file = add_uploaded(db)
        db.files.delete_leaving_tombstone(OWNER, file.id)
        new = new_file(key=file.object_key)
        db.queue.adopt(new, Quotas(max_files=0))
        db.queue.adopt_rejected(new, Failure("code", "message"))
        assert db.files.get(OWNER, new.id) is None


@pytest.fixture
def many(database_url: str) -> Iterator[tuple[Database, DatabasePorts]]:
    """PostgreSQL with as many connections as threads."""
    database = Database(database_url, 8)
    yield database, postgres_ports(database)
    database.close()


@pytest.mark.parametrize(
    "quotas",
    [
        Quotas(max_files=10),
        Quotas(max_stored_bytes=32),
        Quotas(max_files_per_day=10),
        Quotas(max_bytes_per_day=32),
    ],
)
def test_quotas_are_exact_when_many_add_at_once(many: tuple[Database, DatabasePorts], quotas: Quotas) -> None:
    """They all wait for the owner's row, and have seen the database as it was before any of them."""
    database, db = many
    add_upload(db, 3, Quotas())

    def add(number: int) -> bool:
        try:
            if number % 2:
                db.uploads.add(new_file(size=3), MINUTE, quotas=quotas)
            else:
                db.files.add(new_file(size=3), MINUTE, quotas)
        except ServiceError as error:
            if error.kind not in {QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED}:
                raise
            return False
        return True

    with ThreadPoolExecutor(7) as pool:
        with locked(database, "usage", waiting=7):
            added = [pool.submit(add, number) for number in range(30)]
        accepted = sum(future.result() for future in added)
    assert accepted == 9
    assert used(db) == (10, 30, 10, 30)


def test_the_same_request_at_once_is_accepted_each_time(many: tuple[Database, DatabasePorts]) -> None:
    database, db = many
    add_upload(db)
    request, quotas = IdempotentRequest("key", "digest"), Quotas(max_files=2)
    with ThreadPoolExecutor(7) as pool:
        with locked(database, "usage", waiting=7):
            added = [pool.submit(db.uploads.add, new_file(), MINUTE, None, request, quotas) for _ in range(14)]
        assert len({future.result().id for future in added}) == 1
    assert used(db) == (2, 6, 2, 6)


def test_arriving_bytes_are_exact_beside_deletions(many: tuple[Database, DatabasePorts]) -> None:
    """Both lock the file's row before its owner's, so that none of them is a deadlock's victim."""
    _, db = many
    quotas = Quotas(max_stored_bytes=50)
    claims = [claim_file(db, add_upload(db, None, Quotas())) for _ in range(40)]

    def arrive(claimed: File) -> str:
        try:
            db.queue.record_size(claimed, 5, quotas)
        except RejectedContentError as error:
            db.queue.reject(claimed, Failure(error.kind.code, error.message))
        return "arrived"

    def delete(claimed: File) -> str:
        db.files.delete_leaving_tombstone(OWNER, claimed.id)
        return "deleted"

    with ThreadPoolExecutor(8) as pool:
        each = [pool.submit(call, claimed) for claimed in claims for call in (arrive, delete)]
        assert {future.result() for future in each} == {"arrived", "deleted"}
    assert used(db)[:2] == (0, 0)
    assert used(db)[2] == 40


def test_a_new_day_begins_with_nothing(many: tuple[Database, DatabasePorts]) -> None:
    database, db = many
    quotas = Quotas(max_files_per_day=1, max_files=2)
    add_upload(db, quotas=quotas)
    assert refusal(lambda: add_upload(db, quotas=quotas)).kind is DAILY_QUOTA_EXCEEDED
    database.execute("UPDATE usage SET day = day - 1")
    assert used(db) == (1, 3, 0, 0)
    add_upload(db, quotas=quotas)
    assert used(db) == (2, 6, 1, 3)
    assert refusal(lambda: add_upload(db, quotas=quotas)).kind is QUOTA_EXCEEDED


def test_a_statement_that_began_before_midnight_counts_for_the_new_day(
    many: tuple[Database, DatabasePorts],
) -> None:
    """Another one may have counted for that day already."""
    database, db = many
    add_upload(db)
    database.execute("UPDATE usage SET day = day + 1")
    add_upload(db, quotas=Quotas(max_files_per_day=2))
    usage = db.usage_counts.get(OWNER)
    assert (usage.files_today, usage.bytes_today) == (2, 6)
    assert timedelta(days=1) < usage.day_ends_in <= timedelta(days=2)


def test_a_statement_of_several_owners_counts_each(many: tuple[Database, DatabasePorts]) -> None:
    database, db = many
    for owner in (OWNER, OTHER_OWNER):
        add_upload(db, owner=owner)
    database.execute("UPDATE files SET size = size + length(owner)")
    assert used(db) == (1, 3 + len(OWNER), 1, 3 + len(OWNER))
    assert used(db, OTHER_OWNER)[:2] == (1, 3 + len(OTHER_OWNER))
    database.execute("UPDATE files SET owner = 'third'")
    assert (used(db)[:2], used(db, "third")[:2]) == ((0, 0), (2, 6 + len(OWNER) + len(OTHER_OWNER)))
    database.execute("DELETE FROM files")
    assert used(db, "third")[:2] == (0, 0)
