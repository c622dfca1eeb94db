"""What becomes of events: as often as asked, the same for the same seed, and none is lost that isn't dropped."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.event_scrambler import LATE_SECONDS, OVERTAKING, Delivery, Events, Message
from chaos.spec import Spec

RATES = st.floats(0, 1)


def message(number: int) -> Message:
    return Message(str(number), json.dumps({"Records": [{"s3": {"object": {"key": f"in/{number}"}}}]}))


class Noted:
    """An `Events`, and the faults that it tells of."""

    def __init__(self, spec: Spec) -> None:
        self.faults: list[tuple[str, dict[str, Any]]] = []
        self.events = Events(spec, spec.random("q"), lambda name, **details: self.faults.append((name, details)))

    def pass_on(self, count: int) -> list[Delivery]:
        """Let so many come, one a second, until all that was held back has gone on."""
        delivered: list[Delivery] = []
        for now in range(count):
            delivered += self.events.take(message(now), now, calm=False)
            delivered += self.events.due(now, calm=False)
        return delivered + self.events.due(count + LATE_SECONDS, calm=False)

    def of(self, name: str) -> list[str]:
        return [details["key"] for fault, details in self.faults if fault == name]


def receipts(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.message.receipt for delivery in deliveries]


def test_the_same_seed_decides_the_same() -> None:
    one, other, third = (
        Noted(Spec(seed=seed, duplicate=0.3, reorder=0.3, delay=0.3, drop=0.3)) for seed in (7, 7, 8)
    )
    delivered = one.pass_on(200)
    assert delivered == other.pass_on(200)
    assert one.faults == other.faults
    assert delivered != third.pass_on(200)


def test_one_rate_does_not_change_whom_another_hits() -> None:
    alone, beside = Noted(Spec(seed=7, drop=0.1)), Noted(Spec(seed=7, drop=0.1, reorder=0.5, duplicate=0.5))
    alone.pass_on(500)
    beside.pass_on(500)
    assert alone.of("drop") == beside.of("drop") != []


def test_the_rates_hold() -> None:
    noted = Noted(Spec(seed=7, duplicate=0.1, reorder=0.2, delay=0.3, drop=0.05))
    noted.pass_on(10_000)
    found = Counter(name for name, _ in noted.faults)
    assert found["drop"] == pytest.approx(500, rel=0.15)
    assert found["duplicate"] == pytest.approx(950, rel=0.15)
    assert found["reorder"] == pytest.approx(1900, rel=0.15)
    assert found["delay"] == pytest.approx(2850, rel=0.15)


@given(st.integers(0, 2**32), RATES, RATES, RATES, RATES)
def test_nothing_is_lost_that_was_not_dropped(
    seed: int, duplicate: float, reorder: float, delay: float, drop: float
) -> None:
    noted = Noted(Spec(seed=seed, duplicate=duplicate, reorder=reorder, delay=delay, drop=drop))
    delivered = noted.pass_on(50)
    assert sorted(receipts(delivered), key=int) == [str(number) for number in range(50)]
    copies = {f"in/{delivery.message.receipt}": len(delivery.delays) for delivery in delivered}
    assert {key for key, count in copies.items() if count == 0} == set(noted.of("drop"))
    assert {key for key, count in copies.items() if count == 2} == set(noted.of("duplicate"))


def test_delays_are_seconds() -> None:
    deliveries = Noted(Spec(seed=7, delay=1)).pass_on(100)
    assert {delivery.delays[0] for delivery in deliveries} == set(range(1, LATE_SECONDS + 1))


def test_one_that_is_held_back_is_overtaken() -> None:
    noted = Noted(Spec(seed=7, reorder=0.1))
    order = receipts(noted.pass_on(500))
    for key in noted.of("reorder"):
        receipt = key.removeprefix("in/")
        if int(receipt) < 500 - OVERTAKING:
            assert any(int(earlier) > int(receipt) for earlier in order[: order.index(receipt)])


def test_one_that_nobody_overtakes_goes_on_all_the_same() -> None:
    events = Noted(Spec(seed=7, reorder=1)).events
    assert events.take(message(1), 0, calm=False) == []
    assert events.due(LATE_SECONDS - 0.1, calm=False) == []
    assert receipts(events.due(LATE_SECONDS, calm=False)) == ["1"]


def test_when_it_is_calm_all_goes_on_at_once() -> None:
    noted = Noted(Spec(seed=7, reorder=1, duplicate=1))
    assert noted.events.take(message(1), 0, calm=False) == []
    assert noted.events.take(message(2), 0, calm=True) == [Delivery(message(2), (0,))]
    assert receipts(noted.events.due(0, calm=True)) == ["1"]
    assert noted.of("duplicate") == ["in/1"]


def test_s3s_greeting_is_no_event() -> None:
    greeting = Message("1", json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}))
    noted = Noted(Spec(seed=7, drop=1))
    assert noted.events.take(greeting, 0, calm=False) == [Delivery(greeting, (0,))]
    assert noted.faults == []
