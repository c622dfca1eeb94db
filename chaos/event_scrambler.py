"""Decides what happens to each event: dropped, duplicated, delayed or overtaken. Pure: no input or output."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from chaos.spec import Spec

MAX_DELAY_SECONDS = 5
"""The longest that an event is delayed, that its duplicate comes after it, or that it waits for later ones."""
MAX_OVERTAKING_EVENTS = 10
"""How many later events may come before one that is held back."""


@dataclass(frozen=True)
class Message:
    """One of S3's messages, as received from SQS."""

    receipt_handle: str
    body: str


@dataclass(frozen=True)
class Delivery:
    """A message, and the delay of each of its copies in seconds. A dropped message has no copies."""

    message: Message
    delays: tuple[int, ...]


@dataclass
class _HeldDelivery:
    delivery: Delivery
    events_ahead: int
    """How many later events are still to overtake it."""
    deadline: float


class EventScrambler:
    """Turns one queue's messages into deliveries, and holds back those that later ones are to overtake."""

    def __init__(self, spec: Spec, random: Random, record_fault: Callable[..., None]) -> None:
        """`record_fault` is called with each fault's name and, as `key`, the object's key."""
        self._spec = spec
        self._random = random
        self._record_fault = record_fault
        self._held: list[_HeldDelivery] = []

    def accept(self, message: Message, now: float, *, pass_through: bool) -> list[Delivery]:
        """Accept the next message, at a time in seconds. Return its delivery unless it is held back.

        With `pass_through`, and for a message that is about no object, nothing is changed.
        """
        for held in self._held:
            held.events_ahead -= 1
        key = _object_key(message)
        if pass_through or key is None:
            return [Delivery(message, (0,))]
        delays, events_ahead = self._draw_faults(key)
        delivery = Delivery(message, delays)
        if not events_ahead:
            return [delivery]
        self._held.append(_HeldDelivery(delivery, events_ahead, now + MAX_DELAY_SECONDS))
        return []

    def release(self, now: float, *, pass_through: bool) -> list[Delivery]:
        """Return the deliveries that were held back for long enough; with `pass_through` all of them."""
        waiting: list[_HeldDelivery] = []
        released: list[_HeldDelivery] = []
        for held in self._held:
            is_due = pass_through or held.events_ahead <= 0 or held.deadline <= now
            (released if is_due else waiting).append(held)
        self._held = waiting
        return [held.delivery for held in released]

    def _draw_faults(self, key: str) -> tuple[tuple[int, ...], int]:
        """Return the delays of the copies, and how many later events are to overtake them.

        Each event draws the same number of times, so the n-th event's fate depends on the seed alone.
        """
        drop, duplicate, delay, reorder = (self._random.random() for _ in range(4))
        delay_seconds, duplicate_seconds, events_ahead = (
            self._random.randint(1, maximum)
            for maximum in (MAX_DELAY_SECONDS, MAX_DELAY_SECONDS, MAX_OVERTAKING_EVENTS)
        )
        if drop < self._spec.drop:
            self._record_fault("drop", key=key)
            return (), 0
        first_delay = delay_seconds if delay < self._spec.delay else 0
        if first_delay:
            self._record_fault("delay", key=key, seconds=first_delay)
        is_duplicated = duplicate < self._spec.duplicate
        if is_duplicated:
            self._record_fault("duplicate", key=key)
        is_reordered = reorder < self._spec.reorder
        if is_reordered:
            self._record_fault("reorder", key=key, behind=events_ahead)
        delays = (first_delay, duplicate_seconds) if is_duplicated else (first_delay,)
        return delays, events_ahead if is_reordered else 0


def _object_key(message: Message) -> str | None:
    """Return the object's key as the event has it, None for `s3:TestEvent`, which is about no object."""
    event: dict[str, Any] = json.loads(message.body)
    for record in event.get("Records", []):
        return str(record["s3"]["object"]["key"])
    return None
