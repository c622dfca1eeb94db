"""When faults are due."""

import pytest

from chaos.schedule import Moments, Outages
from chaos.spec import Spec


def ticks(seconds: int) -> list[float]:
    return [1000 + number / 5 for number in range(seconds * 5)]


def test_moments_come_at_their_rate() -> None:
    moments = Moments(Spec(seed=7).random("kill"), 0.5, 1000)
    assert sum(moments.due(now) for now in ticks(4000)) == pytest.approx(2000, rel=0.1)


def test_the_same_seed_has_the_same_moments() -> None:
    one, other, third = (Moments(Spec(seed=seed).random("kill"), 0.5, 1000) for seed in (7, 7, 8))
    came = [one.due(now) for now in ticks(60)]
    assert came == [other.due(now) for now in ticks(60)]
    assert came != [third.due(now) for now in ticks(60)]


def test_what_came_while_nobody_asked_is_told_later() -> None:
    moments = Moments(Spec(seed=7).random("kill"), 1, 1000)
    assert sum(moments.due(1100) for _ in range(200)) == pytest.approx(100, rel=0.3)


def test_never() -> None:
    random = Spec(seed=7).random("never")
    assert not Moments(random, 0, 1000).due(1e12)
    assert not Outages(random, 0, 1000).due(1e12)


def test_an_outage_a_minute_the_first_one_soon() -> None:
    outages = Outages(Spec(seed=7).random("s3_outage"), 10, 1000)
    begun = [now for now in ticks(300) if outages.due(now)]
    assert len(begun) == 5
    assert begun[0] < 1011
    assert begun[1] - begun[0] == pytest.approx(60, abs=0.5)
