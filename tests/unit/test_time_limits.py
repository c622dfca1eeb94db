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


def test_child_may_run_twice_within_the_time_of_a_file() -> None:
    assert 2 * parent.SECONDS <= runner.SECONDS


def test_process_upload_timeout_fits_the_limits_of_a_file() -> None:
    assert timeout("process_upload") >= A_FILE


def test_minimum_share_of_a_sweep_fits_the_limits_of_a_file() -> None:
    assert timeout("sweep") * MIN_REMAINING_SHARE >= A_FILE


def test_sweep_begins_its_last_file_before_the_next_sweep() -> None:
    assert 30 <= timeout("sweep") * (1 - MIN_REMAINING_SHARE) < 60
