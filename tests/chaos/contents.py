"""Files whose content follows from their name."""

from random import Random

from chalicelib.core.uploads.limits import MIN_PART_BYTES

MULTIPART_THRESHOLD_BYTES = 10_000
"""Of the runs: half of the files are above it, most of them with one part."""

TWO_PARTS_EVERY = 100
"""One of so many files has two parts, and so more than 16 MiB, nearly all of them zeros."""


def file_name(number: int) -> str:
    return f"{number}.bin"


def has_two_parts(number: int) -> bool:
    return number % TWO_PARTS_EVERY == TWO_PARTS_EVERY // 2


def file_content(name: str) -> bytes:
    """Return the content of the file with this name: up to 20 kB, or a little more than a part."""
    number = int(name.removesuffix(".bin"))
    content = Random(number).randbytes(1 + number * 37 % 20_000)
    return bytes(MIN_PART_BYTES) + content if has_two_parts(number) else content
