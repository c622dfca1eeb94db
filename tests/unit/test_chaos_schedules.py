"""When faults are due."""

import pytest

from chaos.fault_injector import OutageSchedule, PoissonSchedule
from chaos.spec import Spec


def ticks(seconds: int) -> list[float]:
    return [1000 + number / 5 for number in range(seconds * 5)]


def test_poisson_schedule_has_its_rate() -> None:
    schedule = PoissonSchedule(Spec(seed=7).random("kill"), 0.5, 1000)
    assert sum(schedule.is_due(now) for now in ticks(4000)) == pytest.approx(2000, rel=0.1)


def test_poisson_schedule_is_repeatable_from_the_seed() -> None:
    one, other, third = (PoissonSchedule(Spec(seed=seed).random("kill"), 0.5, 1000) for seed in (7, 7, 8))
    due = [one.is_due(now) for now in ticks(60)]
    assert due == [other.is_due(now) for now in ticks(60)]
    assert due != [third.is_due(now) for now in ticks(60)]


def test_poisson_schedule_reports_missed_times_later() -> None:
    schedule = PoissonSchedule(Spec(seed=7).random("kill"), 1, 1000)
    assert sum(schedule.is_due(1100) for _ in range(200)) == pytest.approx(100, rel=0.3)


def test_zero_rate_is_never_due() -> None:
    random = Spec(seed=7).random("never")
    assert not PoissonSchedule(random, 0, 1000).is_due(1e12)
    assert not OutageSchedule(random, 0, 1000).is_due(1e12)


def test_schedule_start_every_minute_and_the_first_within_ten_seconds() -> None:
    schedule = OutageSchedule(Spec(seed=7).random("s3_outage"), 10, 1000)
    starts = [now for now in ticks(300) if schedule.is_due(now)]
    assert len(starts) == 5
    assert starts[0] < 1011
    assert starts[1] - starts[0] == pytest.approx(60, abs=0.5)
