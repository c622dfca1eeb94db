"""The conformance suite of `Tokens`."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import uuid_utils.compat as uuids

from chalicelib.core.accounts.model import AllOwners, NewToken, Scope
from tests.database_ports import ALREADY_OVER, MINUTE, DatabasePorts


def new_token(owner: str = "alice", *scopes: Scope) -> NewToken:
    token_id = uuids.uuid7()
    return NewToken(
        id=token_id,
        digest=token_id.bytes * 2,
        name="laptop",
        owner=owner,
        scopes=frozenset(scopes or {Scope.WRITE}),
    )


def test_a_token_is_found_by_its_digest_and_by_its_id(db: DatabasePorts) -> None:
    new = new_token("alice", Scope.READ, Scope.ADMIN)
    added = db.tokens.add(new, MINUTE)
    assert (added.id, added.name, added.owner) == (new.id, "laptop", "alice")
    assert added.scopes == {Scope.READ, Scope.ADMIN}
    assert added.expires_at is not None
    assert timedelta(seconds=50) < added.expires_at - added.created_at <= MINUTE
    assert (added.last_used_at, added.revoked_at, added.is_expired) == (None, None, False)
    for key in (new.digest, new.id):
        found = db.tokens.use(key)
        assert found is not None
        assert found.id == new.id


@pytest.mark.parametrize("key", [b"x" * 32, uuids.uuid7()])
def test_what_is_no_token_is_not_found(db: DatabasePorts, key: bytes | UUID) -> None:
    db.tokens.add(new_token(), None)
    assert db.tokens.use(key) is None


def test_adding_a_token_again_changes_nothing(db: DatabasePorts) -> None:
    new = new_token()
    assert db.tokens.add(new, None) == db.tokens.add(new, None)
    assert len(db.tokens.list(AllOwners.ALL, 9, None)) == 1


def test_a_use_is_recorded_once_a_minute(db: DatabasePorts) -> None:
    new = new_token()
    db.tokens.add(new, None)
    db.tokens.use(new.digest)
    (first,) = db.tokens.list("alice", 9, None)
    db.tokens.use(new.digest)
    (second,) = db.tokens.list("alice", 9, None)
    assert first.last_used_at is not None
    assert abs(datetime.now(UTC) - first.last_used_at) < MINUTE
    assert second.last_used_at == first.last_used_at


def test_an_expired_token_is_returned_as_such_and_its_use_is_not_recorded(db: DatabasePorts) -> None:
    new = new_token()
    db.tokens.add(new, ALREADY_OVER)
    for _ in range(2):
        used = db.tokens.use(new.digest)
        assert used is not None
        assert (used.is_expired, used.last_used_at) == (True, None)


def test_a_revoked_token_is_returned_as_such_and_its_use_is_not_recorded(db: DatabasePorts) -> None:
    new = new_token()
    db.tokens.add(new, None)
    revoked = db.tokens.revoke("alice", new.id)
    assert revoked is not None
    assert revoked.revoked_at is not None
    for _ in range(2):
        used = db.tokens.use(new.digest)
        assert used is not None
        assert (used.revoked_at, used.last_used_at) == (revoked.revoked_at, None)


def test_revoking_again_keeps_the_time(db: DatabasePorts) -> None:
    new = new_token()
    db.tokens.add(new, None)
    assert db.tokens.revoke("alice", new.id) == db.tokens.revoke(AllOwners.ALL, new.id)


def test_another_owners_token_is_not_revoked(db: DatabasePorts) -> None:
    new = new_token("alice")
    db.tokens.add(new, None)
    assert db.tokens.revoke("bob", new.id) is None
    assert db.tokens.revoke(AllOwners.ALL, uuids.uuid7()) is None
    (token,) = db.tokens.list("alice", 9, None)
    assert token.revoked_at is None


def test_lists_are_of_an_owner_or_of_all_and_begin_with_the_newest(db: DatabasePorts) -> None:
    ids = [db.tokens.add(new_token(owner), None).id for owner in ("alice", "bob", "alice")]
    assert [token.id for token in db.tokens.list("alice", 9, None)] == [ids[2], ids[0]]
    assert [token.id for token in db.tokens.list("bob", 9, None)] == [ids[1]]
    assert [token.id for token in db.tokens.list(AllOwners.ALL, 2, None)] == [ids[2], ids[1]]
    assert [token.id for token in db.tokens.list(AllOwners.ALL, 9, ids[1])] == [ids[0]]
    assert [token.id for token in db.tokens.list("alice", 9, ids[1])] == [ids[0]]
    assert db.tokens.list("carol", 9, None) == []
