"""What the clients of a run do. Most of them don't do everything that they should."""

from enum import StrEnum
from random import Random

from tests.chaos.contents import has_two_parts


class Behaviour(StrEnum):
    DIRECT = "through the API"
    COMPLETE = "complete"
    COMPLETE_TWICE = "complete twice"
    COMPLETE_WITHOUT_PARTS = "complete without naming the parts"
    CREATE_TWICE = "create again with the same key"
    RESUME = "get the upload and its URLs again before the bytes are sent"
    DIE_BEFORE_COMPLETION = "send all bytes, but never complete"
    DIE_BEFORE_LAST_PART = "send all parts but the last, of the whole file nothing"
    ABORT = "abort before the last part"


UNFINISHED = frozenset({Behaviour.DIE_BEFORE_LAST_PART, Behaviour.ABORT})
"""Not all bytes are sent."""


def behaviour_of(number: int) -> Behaviour:
    """Return what the client of the file with this number does. A third of the files pass through the API, which
    doesn't take the large ones."""
    random = Random(f"behaviour {number}")
    if not has_two_parts(number) and random.random() < 1 / 3:
        return Behaviour.DIRECT
    return random.choice([behaviour for behaviour in Behaviour if behaviour is not Behaviour.DIRECT])
