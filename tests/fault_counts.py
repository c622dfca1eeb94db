"""Counts of the faults in a fault log."""

from collections import Counter
from pathlib import Path

from chaos.fault_log import read_faults


def count_faults(path: Path) -> Counter[str]:
    """Return how many faults of each name the log contains."""
    return Counter(fault["fault"] for fault in read_faults(path))
