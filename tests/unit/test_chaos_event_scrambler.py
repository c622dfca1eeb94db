"""Event faults happen at the given rates, repeatably from a seed, and no event is lost that isn't dropped."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.event_scrambler import MAX_DELAY_SECONDS, MAX_OVERTAKING_EVENTS, Delivery, EventScrambler, Message
from chaos.spec import Spec

RATES = st.floats(0, 1)


def message(number: int) -> Message:
    return Message(str(number), json.dumps({"Records": [{"s3": {"object": {"key": f"in/{number}"}}}]}))


class RecordedScrambler:
    """An EventScrambler and the faults that it reports."""

    def __init__(self, spec: Spec) -> None:
        self.faults: list[tuple[str, dict[str, Any]]] = []
        self.scrambler = EventScrambler(spec, spec.random("q"), self._record)

    def _record(self, name: str, **details: Any) -> None:
        self.faults.append((name, details))

    def pass_on(self, count: int) -> list[Delivery]:
        """Return the deliveries of so many events, one a second, including those held back."""
        delivered: list[Delivery] = []
        for now in range(count):
            delivered += self.scrambler.accept(message(now), now, pass_through=False)
            delivered += self.scrambler.release(now, pass_through=False)
        return delivered + self.scrambler.release(count + MAX_DELAY_SECONDS, pass_through=False)

    def keys_of(self, name: str) -> list[str]:
        return [details["key"] for fault, details in self.faults if fault == name]


def receipts(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.message.receipt_handle for delivery in deliveries]


def test_event_faults_are_repeatable_from_the_seed() -> None:
    one, other, third = (
        RecordedScrambler(Spec(seed=seed, duplicate=0.3, reorder=0.3, delay=0.3, drop=0.3)) for seed in (7, 7, 8)
    )
    delivered = one.pass_on(200)
    assert delivered == other.pass_on(200)
    assert one.faults == other.faults
    assert delivered != third.pass_on(200)


def test_one_faults_rate_does_not_change_which_events_another_hits() -> None:
    alone, beside = (
        RecordedScrambler(Spec(seed=7, drop=0.1)),
        RecordedScrambler(Spec(seed=7, drop=0.1, reorder=0.5, duplicate=0.5)),
    )
    alone.pass_on(500)
    beside.pass_on(500)
    assert alone.keys_of("drop") == beside.keys_of("drop") != []


def test_event_faults_happen_at_their_rates() -> None:
    recorded = RecordedScrambler(Spec(seed=7, duplicate=0.1, reorder=0.2, delay=0.3, drop=0.05))
    recorded.pass_on(10_000)
    counts = Counter(name for name, _ in recorded.faults)
    assert counts["drop"] == pytest.approx(500, rel=0.15)
    assert counts["duplicate"] == pytest.approx(950, rel=0.15)
    assert counts["reorder"] == pytest.approx(1900, rel=0.15)
    assert counts["delay"] == pytest.approx(2850, rel=0.15)


@given(st.integers(0, 2**32), RATES, RATES, RATES, RATES)
def test_only_dropped_events_are_lost(
    seed: int, duplicate: float, reorder: float, delay: float, drop: float
) -> None:
    recorded = RecordedScrambler(Spec(seed=seed, duplicate=duplicate, reorder=reorder, delay=delay, drop=drop))
    delivered = recorded.pass_on(50)
    assert sorted(receipts(delivered), key=int) == [str(number) for number in range(50)]
    copies = {f"in/{delivery.message.receipt_handle}": len(delivery.delays) for delivery in delivered}
    assert {key for key, count in copies.items() if count == 0} == set(recorded.keys_of("drop"))
    assert {key for key, count in copies.items() if count == 2} == set(recorded.keys_of("duplicate"))


def test_events_are_delayed_by_one_to_five_seconds() -> None:
    deliveries = RecordedScrambler(Spec(seed=7, delay=1)).pass_on(100)
    assert {delivery.delays[0] for delivery in deliveries} == set(range(1, MAX_DELAY_SECONDS + 1))


def test_reordered_event_is_overtaken_by_later_ones() -> None:
    recorded = RecordedScrambler(Spec(seed=7, reorder=0.1))
    order = receipts(recorded.pass_on(500))
    for key in recorded.keys_of("reorder"):
        receipt = key.removeprefix("in/")
        if int(receipt) < 500 - MAX_OVERTAKING_EVENTS:
            assert any(int(earlier) > int(receipt) for earlier in order[: order.index(receipt)])


def test_reordered_event_without_later_ones_is_released_in_time() -> None:
    scrambler = RecordedScrambler(Spec(seed=7, reorder=1)).scrambler
    assert scrambler.accept(message(1), 0, pass_through=False) == []
    assert scrambler.release(MAX_DELAY_SECONDS - 0.1, pass_through=False) == []
    assert receipts(scrambler.release(MAX_DELAY_SECONDS, pass_through=False)) == ["1"]


def test_pass_through_releases_held_events_at_once() -> None:
    recorded = RecordedScrambler(Spec(seed=7, reorder=1, duplicate=1))
    assert recorded.scrambler.accept(message(1), 0, pass_through=False) == []
    assert recorded.scrambler.accept(message(2), 0, pass_through=True) == [Delivery(message(2), (0,))]
    assert receipts(recorded.scrambler.release(0, pass_through=True)) == ["1"]
    assert recorded.keys_of("duplicate") == ["in/1"]


def test_s3_test_event_is_passed_on_unchanged() -> None:
    test_event = Message("1", json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}))
    recorded = RecordedScrambler(Spec(seed=7, drop=1))
    assert recorded.scrambler.accept(test_event, 0, pass_through=False) == [Delivery(test_event, (0,))]
    assert recorded.faults == []
