"""When the issuer's keys are fetched, and which are used while they can't be. The clock is the test's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event

import pytest

from chalicelib.adapters.oidc.key_cache import KeyCache
from chalicelib.core.accounts.signing_keys import SigningKeys, UnusableKeysError
from chalicelib.core.errors import ISSUER_UNAVAILABLE, ServiceError


class Clock:
    """Seconds since 1970, as the test says."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration).total_seconds()


class Source:
    """Keys with these ids, or an outage."""

    def __init__(self, clock: Clock, *ids: str) -> None:
        self.clock, self.ids, self.fetches = clock, ids, 0
        self.is_down = False
        self.responds = Event()
        self.responds.set()

    def fetch(self) -> SigningKeys:
        self.fetches += 1
        self.responds.wait()
        if self.is_down:
            raise UnusableKeysError("it is down")
        keys = [{"kid": key_id, "kty": "RSA"} for key_id in self.ids]
        return SigningKeys(keys, datetime.fromtimestamp(self.clock.now, UTC))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source(clock: Clock) -> Source:
    return Source(clock, "one")


@pytest.fixture
def cache(source: Source, clock: Clock) -> KeyCache:
    return KeyCache(source, now=clock)


def test_keys_are_fetched_when_the_first_one_is_needed_and_kept(cache: KeyCache, source: Source) -> None:
    assert source.fetches == 0
    for _ in range(3):
        [key] = cache.find_keys("one")
        assert key["kid"] == "one"
    assert source.fetches == 1


def test_keys_are_fetched_again_after_some_minutes(cache: KeyCache, source: Source, clock: Clock) -> None:
    cache.find_keys("one")
    clock.advance(minutes=4)
    cache.find_keys("one")
    assert source.fetches == 1
    clock.advance(minutes=2)
    source.ids = ("two",)
    assert not cache.find_keys("one"), "the issuer has withdrawn it"
    assert source.fetches == 2


def test_unknown_key_is_fetched_at_most_every_half_minute(cache: KeyCache, source: Source, clock: Clock) -> None:
    cache.find_keys("one")
    for number in range(100):
        assert not cache.find_keys(f"invented {number}")
    assert source.fetches == 1
    source.ids = ("one", "two")
    clock.advance(seconds=31)
    assert cache.find_keys("two"), "the issuer's new key"
    assert not cache.find_keys("invented")
    assert source.fetches == 2


def test_outage_is_not_asked_about_more_often(cache: KeyCache, source: Source, clock: Clock) -> None:
    source.is_down = True
    for _ in range(20):
        with pytest.raises(ServiceError) as caught:
            cache.find_keys("one")
        assert caught.value.kind is ISSUER_UNAVAILABLE
    assert source.fetches == 1
    clock.advance(seconds=31)
    source.is_down = False
    assert cache.find_keys("one")
    assert source.fetches == 2


def test_keys_are_used_for_a_day_of_outage(cache: KeyCache, source: Source, clock: Clock) -> None:
    cache.find_keys("one")
    source.is_down = True
    clock.advance(hours=23, minutes=59)
    for number in range(20):
        assert cache.find_keys("one")
        assert not cache.find_keys(f"invented {number}"), "which is no reason to say that the issuer is down"
    assert source.fetches == 2
    clock.advance(minutes=2)
    with pytest.raises(ServiceError) as caught:
        cache.find_keys("one")
    assert caught.value.kind is ISSUER_UNAVAILABLE


def test_age_counts_from_when_the_issuer_was_asked(cache: KeyCache, source: Source, clock: Clock) -> None:
    """Keys in the bucket may be old although they were read just now."""
    source.fetch = lambda: SigningKeys(  # type: ignore[method-assign]
        [{"kid": "one", "kty": "RSA"}], datetime.fromtimestamp(clock.now, UTC) - timedelta(hours=25)
    )
    with pytest.raises(ServiceError) as caught:
        cache.find_keys("one")
    assert caught.value.kind is ISSUER_UNAVAILABLE


def test_slow_source_holds_nobody_longer_than_the_timeout(source: Source, clock: Clock) -> None:
    cache = KeyCache(source, timeout=timedelta(milliseconds=50), now=clock)
    source.responds.clear()
    with pytest.raises(ServiceError) as caught:
        cache.find_keys("one")
    assert caught.value.kind is ISSUER_UNAVAILABLE
    source.responds.set()


def test_other_threads_go_on_with_the_old_keys_while_one_fetches(
    cache: KeyCache, source: Source, clock: Clock
) -> None:
    cache.find_keys("one")
    clock.advance(minutes=6)
    source.responds.clear()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(cache.find_keys, "one")
        while source.fetches < 2:
            pass
        assert cache.find_keys("one")
        assert not waiting.done()
        source.responds.set()
        assert waiting.result()


def test_threads_that_need_a_new_key_share_one_fetch(cache: KeyCache, source: Source) -> None:
    start = Barrier(8)

    def find() -> bool:
        start.wait()
        return bool(cache.find_keys("one"))

    with ThreadPoolExecutor(8) as pool:
        assert all(future.result() for future in [pool.submit(find) for _ in range(8)])
    assert source.fetches == 1


def test_fault_of_the_code_is_not_taken_for_an_outage(cache: KeyCache, source: Source) -> None:
    source.fetch = lambda: 1 / 0  # type: ignore[assignment,method-assign,return-value]
    with pytest.raises(ZeroDivisionError):
        cache.find_keys("one")
