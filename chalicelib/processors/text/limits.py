"""How much of a text is read, and estimates of the rest."""

MAX_COUNTED_BYTES = 32 * 1024 * 1024
"""Bytes whose lines or rows are counted. In a larger file the rest is assumed to be like them."""


def extrapolate(count: int, size: int, counted_bytes: int) -> tuple[int, bool]:
    """Return the count for the whole file, given the count in its first `counted_bytes` bytes, and whether it is
    an estimate."""
    return (round(count * size / counted_bytes), True) if size > counted_bytes else (count, False)
