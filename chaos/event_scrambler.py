"""What becomes of one event after another, decided without asking anything outside."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from chaos.spec import Spec

LATE_SECONDS = 5
"""The longest that an event is delayed, that its duplicate comes after it, or that it waits for later ones."""
OVERTAKING = 10
"""How many later events may come before one that is held back."""


@dataclass(frozen=True)
class Message:
    """A message of S3's, as it was received."""

    receipt: str
    body: str


@dataclass(frozen=True)
class Delivery:
    """A message, and after how many seconds each of its copies is to come: none at all if it is dropped."""

    message: Message
    delays: tuple[int, ...]


@dataclass
class _Held:
    delivery: Delivery
    behind: int
    until: float


class Events:
    """One queue's events in, deliveries out. It holds back those that later ones are to overtake."""

    def __init__(self, spec: Spec, random: Random, note: Callable[..., None]) -> None:
        """`note` is told each fault's name and the object's key."""
        self._spec = spec
        self._random = random
        self._note = note
        self._held: list[_Held] = []

    def take(self, message: Message, now: float, *, calm: bool) -> list[Delivery]:
        """Take the next message, at a time in seconds. Return it if it is to go on at once."""
        for held in self._held:
            held.behind -= 1
        key = _object_key(message)
        if calm or key is None:
            return [Delivery(message, (0,))]
        delays, behind = self._decide(key)
        delivery = Delivery(message, delays)
        if not behind:
            return [delivery]
        self._held.append(_Held(delivery, behind, now + LATE_SECONDS))
        return []

    def due(self, now: float, *, calm: bool) -> list[Delivery]:
        """Return those that were held back for long enough; all of them when it is calm."""
        waiting: list[_Held] = []
        ended: list[_Held] = []
        for held in self._held:
            goes = calm or held.behind <= 0 or held.until <= now
            (ended if goes else waiting).append(held)
        self._held = waiting
        return [held.delivery for held in ended]

    def _decide(self, key: str) -> tuple[tuple[int, ...], int]:
        """Return when the copies come, and behind how many later events.

        Each event draws the same number of times, so the n-th event's fate depends on the seed alone.
        """
        dropped, duplicated, delayed, reordered = (self._random.random() for _ in range(4))
        late, later, behind = (self._random.randint(1, most) for most in (LATE_SECONDS, LATE_SECONDS, OVERTAKING))
        if dropped < self._spec.drop:
            self._note("drop", key=key)
            return (), 0
        first = late if delayed < self._spec.delay else 0
        if first:
            self._note("delay", key=key, seconds=first)
        second = duplicated < self._spec.duplicate
        if second:
            self._note("duplicate", key=key)
        overtaken = reordered < self._spec.reorder
        if overtaken:
            self._note("reorder", key=key, behind=behind)
        return (first, later) if second else (first,), behind if overtaken else 0


def _object_key(message: Message) -> str | None:
    """Return the key as the event has it, None for `s3:TestEvent`, which is about no object."""
    event: dict[str, Any] = json.loads(message.body)
    for record in event.get("Records", []):
        return str(record["s3"]["object"]["key"])
    return None
