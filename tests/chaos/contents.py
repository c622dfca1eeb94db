"""Files whose names tell what is in them."""

from random import Random


def name_of(number: int) -> str:
    return f"{number}.bin"


def content_of(name: str) -> bytes:
    """Return what a file of this name holds: up to 20 kB."""
    number = int(name.removesuffix(".bin"))
    return Random(number).randbytes(1 + number * 37 % 20_000)
