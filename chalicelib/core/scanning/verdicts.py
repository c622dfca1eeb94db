"""What a malware scan found out about an object."""

from msgspec import Struct

from chalicelib.core.described_enum import DescribedEnum


class Verdict(DescribedEnum):
    """The outcome of a scan. Only `clean` is clean."""

    CLEAN = "clean", "The scanner found no threat."
    INFECTED = "infected", "The scanner found a threat. The file is `rejected`, and its object is deleted."
    UNSUPPORTED = (
        "unsupported",
        "The scanner can't scan such a file, because it is too large, encrypted or nested too deeply.",
    )
    FAILED = "failed", "The scanner failed at this file, or wasn't available in any of the attempts."


class ScanResult(Struct, frozen=True):
    """A scanner's verdict about one object."""

    verdict: Verdict
    threat: str | None = None
    """The scanner's name of what it found, if it says one."""
