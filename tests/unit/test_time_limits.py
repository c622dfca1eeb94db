"""The limits of time, which stand in several places, leave room for each other."""

import json
from pathlib import Path

from chalicelib.core.processing import checksum
from chalicelib.core.sweep.sweep import MIN_REMAINING_SHARE
from chalicelib.processors.detection import zip_types
from chalicelib.processors.sandbox import parent, runner

PROJECT = Path(__file__).parents[2]

AROUND = 5
"""Seconds for what is short: a digest's last piece, putting the thumbnail, two statements."""

A_FILE = zip_types.SECONDS + runner.SECONDS + checksum.SECONDS + AROUND


def timeout(function: str) -> int:
    """Return a function's timeout in seconds."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    seconds: int = config["lambda_functions"][function]["lambda_timeout"]
    return seconds


def test_a_child_may_be_asked_twice() -> None:
    assert 2 * parent.SECONDS <= runner.SECONDS


def test_a_file_has_the_time_that_it_may_take() -> None:
    assert timeout("process_upload") >= A_FILE


def test_so_has_the_last_one_of_a_sweep() -> None:
    assert timeout("sweep") * MIN_REMAINING_SHARE >= A_FILE


def test_a_sweep_begins_its_last_file_before_the_next_sweep_is_due() -> None:
    assert 30 <= timeout("sweep") * (1 - MIN_REMAINING_SHARE) < 60
