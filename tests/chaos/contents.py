"""Files whose content follows from their name."""

from random import Random


def file_name(number: int) -> str:
    return f"{number}.bin"


def file_content(name: str) -> bytes:
    """Return the content of the file with this name: up to 20 kB."""
    number = int(name.removesuffix(".bin"))
    return Random(number).randbytes(1 + number * 37 % 20_000)
