"""The conformance suite of `RequestRates`, and of `Tokens` where it counts."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from math import ceil
from time import monotonic

import pytest

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.accounts.model import ApiToken, NewToken
from chalicelib.core.limits.request_rate import CountedRequest, RequestLimits
from tests.contracts.locks import locked
from tests.contracts.test_tokens import new_token
from tests.database_ports import ALREADY_OVER, DatabasePorts, postgres_ports

Count = Callable[[str, int], CountedRequest]


@pytest.fixture(params=["without a token", "with a token"])
def count(request: pytest.FixtureRequest, db: DatabasePorts) -> Count:
    """Count a request in either way."""
    if request.param == "without a token":
        return db.request_rates.count
    digests: dict[str, bytes] = {}

    def count(owner: str, limit: int) -> CountedRequest:
        if owner not in digests:
            digests[owner] = add_token(db, owner).digest
        token = db.tokens.use(digests[owner], RequestLimits(limit))
        assert token is not None
        assert token.counted is not None
        return token.counted

    return count


def add_token(db: DatabasePorts, owner: str) -> NewToken:
    new = new_token(owner)
    db.tokens.add(new, None)
    return new


def use(db: DatabasePorts, new: NewToken, limits: RequestLimits) -> ApiToken:
    token = db.tokens.use(new.digest, limits)
    assert token is not None
    return token


def test_a_minutes_requests_are_allowed_at_once(count: Count) -> None:
    counted = [count("alice", 3) for _ in range(4)]
    assert [each.is_allowed for each in counted] == [True, True, True, False]
    assert [each.left for each in counted] == [2, 1, 0, 0]
    assert {each.limit for each in counted} == {3}
    for each in counted:
        assert timedelta(seconds=19) < each.more_in <= timedelta(seconds=20)


def test_what_is_refused_is_not_counted(count: Count) -> None:
    waits = [count("alice", 1).more_in for _ in range(5)]
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] > timedelta(seconds=55)


def test_owners_have_limits_of_their_own(count: Count) -> None:
    assert count("alice", 1).is_allowed
    assert count("bob", 1).is_allowed
    assert not count("alice", 1).is_allowed


def test_the_bucket_fills_evenly(count: Count) -> None:
    """6,000 a minute are one in 10 ms."""
    start = monotonic()
    while count("alice", 6000).left > 5990:
        pass
    left = count("alice", 6000).left
    added = 6000 * (monotonic() - start) / 60
    assert 5980 <= left <= 5990 + ceil(added)


@pytest.mark.parametrize("limit", [1, 7, 61])
def test_a_limit_that_does_not_divide_a_minute_is_exact(db: DatabasePorts, limit: int) -> None:
    start = monotonic()
    allowed = sum(db.request_rates.count("alice", limit).is_allowed for _ in range(limit + 5))
    assert limit <= allowed <= limit + ceil(limit * (monotonic() - start) / 60)


def test_each_owner_has_the_limit_of_the_token_that_is_used(db: DatabasePorts) -> None:
    limits = RequestLimits(2, {"alice": 1, "bob": None, "o'brien": 3})
    for owner, expected in (("alice", 1), ("bob", None), ("carol", 2), ("o'brien", 3)):
        token = use(db, add_token(db, owner), limits)
        assert (token.owner, token.counted and token.counted.limit) == (owner, expected)
    assert limits.exist
    assert not RequestLimits(None, {"alice": None}).exist


def test_only_some_owners_may_have_a_limit(db: DatabasePorts) -> None:
    limits, alice, bob = RequestLimits(None, {"alice": 1}), add_token(db, "alice"), add_token(db, "bob")
    assert [use(db, bob, limits).counted for _ in range(3)] == [None, None, None]
    counted = [use(db, alice, limits).counted for _ in range(2)]
    assert [each and each.is_allowed for each in counted] == [True, False]


def test_the_tokens_of_an_owner_share_the_limit_with_other_credentials(db: DatabasePorts) -> None:
    limits, tokens = RequestLimits(3), [add_token(db, "alice") for _ in range(2)]
    for token in tokens:
        counted = use(db, token, limits).counted
        assert counted is not None
        assert counted.is_allowed
    assert db.request_rates.count("alice", 3).left == 0


def test_a_token_that_may_not_be_used_is_not_counted(db: DatabasePorts) -> None:
    revoked, expired = add_token(db, "alice"), new_token("alice")
    db.tokens.revoke("alice", revoked.id)
    db.tokens.add(expired, ALREADY_OVER)
    for token in (revoked, expired):
        assert use(db, token, RequestLimits(1)).counted is None
    assert db.tokens.use(b"unknown", RequestLimits(1)) is None
    assert db.request_rates.count("alice", 1).is_allowed


def test_a_use_is_recorded_also_where_it_is_counted(db: DatabasePorts) -> None:
    token = add_token(db, "alice")
    use(db, token, RequestLimits(1))
    (listed,) = db.tokens.list("alice", 9, None)
    assert listed.last_used_at is not None


@pytest.fixture
def many(database_url: str) -> Iterator[tuple[Database, DatabasePorts]]:
    """PostgreSQL with as many connections as threads."""
    database = Database(database_url, 16)
    yield database, postgres_ports(database)
    database.close()


def test_the_limit_is_exact_under_200_requests_at_once(many: tuple[Database, DatabasePorts]) -> None:
    """Half of them have a token."""
    _, db = many
    limits, new = RequestLimits(50), add_token(db, "alice")

    def request(number: int) -> bool:
        counted = use(db, new, limits).counted if number % 2 else db.request_rates.count("alice", 50)
        assert counted is not None
        assert counted.is_allowed or counted.more_in > timedelta(0)
        return counted.is_allowed

    start = monotonic()
    with ThreadPoolExecutor(16) as pool:
        allowed = sum(pool.map(request, range(200)))
    assert 50 <= allowed <= 50 + ceil(50 * (monotonic() - start) / 60)


@pytest.mark.parametrize("with_token", [True, False])
def test_requests_that_have_seen_the_same_room_are_not_all_allowed(
    many: tuple[Database, DatabasePorts], with_token: bool
) -> None:
    database, db = many
    limits, new = RequestLimits(2), add_token(db, "alice")
    db.request_rates.count("alice", 2)

    def request(_: int) -> CountedRequest:
        counted = use(db, new, limits).counted if with_token else db.request_rates.count("alice", 2)
        assert counted is not None
        return counted

    db.tokens.use(new.digest)
    with ThreadPoolExecutor(7) as pool:
        with locked(database, "request_rates", waiting=7):
            requests = [pool.submit(request, number) for number in range(7)]
        counted = [each.result() for each in requests]
    assert sorted(each.is_allowed for each in counted) == [False] * 6 + [True]
    assert {each.left for each in counted} == {0}
    assert all(timedelta(seconds=25) < each.more_in <= timedelta(seconds=30) for each in counted)


def test_what_is_refused_writes_nothing(many: tuple[Database, DatabasePorts]) -> None:
    database, db = many
    new = add_token(db, "alice")
    use(db, new, RequestLimits(1))
    written = "SELECT xmin, xmax, ctid FROM request_rates"
    before = database.fetch_all(written)
    for _ in range(3):
        counted = use(db, new, RequestLimits(1)).counted
        assert counted is not None
        assert not counted.is_allowed
        assert not db.request_rates.count("alice", 1).is_allowed
    assert database.fetch_all(written) == before


def test_nothing_is_written_for_an_owner_who_has_no_limit_among_others_who_have(
    many: tuple[Database, DatabasePorts],
) -> None:
    database, db = many
    assert use(db, add_token(db, "alice"), RequestLimits(1, {"alice": None})).counted is None
    assert use(db, add_token(db, "bob"), RequestLimits(1, {"alice": None})).counted is not None
    assert [row.owner for row in database.fetch_all("SELECT owner FROM request_rates")] == ["bob"]


def test_the_table_is_unlogged(many: tuple[Database, DatabasePorts]) -> None:
    database, _ = many
    rows = database.fetch_all("SELECT relpersistence FROM pg_class WHERE relname = 'request_rates'")
    assert [row.relpersistence for row in rows] == ["u"]
