"""The time limits of functions, processors, checksums and sweeps fit into each other."""

import json
from pathlib import Path

from chalicelib.adapters import clamav
from chalicelib.core.processing import checksum
from chalicelib.core.sweep.sweep import MIN_REMAINING_SHARE
from chalicelib.processors.detection import bounded_read
from chalicelib.processors.sandbox import parent, runner

PROJECT = Path(__file__).parents[2]

OTHER_SECONDS = 5
"""For a checksum's last chunk, storing the thumbnail, and two statements."""

A_FILE = clamav.SECONDS + bounded_read.SECONDS + runner.SECONDS + checksum.SECONDS + OTHER_SECONDS


def timeout(function: str) -> int:
    """Return a function's timeout in seconds."""
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    seconds: int = config["lambda_functions"][function]["lambda_timeout"]
    return seconds


def test_processor_and_fallback_fit_into_the_processors_time() -> None:
    assert 2 * parent.SECONDS <= runner.SECONDS


def test_process_upload_timeout_fits_one_file() -> None:
    assert timeout("process_upload") >= A_FILE


def test_sweep_timeout_fits_its_last_file() -> None:
    assert timeout("sweep") * MIN_REMAINING_SHARE >= A_FILE


def test_sweep_starts_its_last_file_before_the_next_sweep() -> None:
    assert 30 <= timeout("sweep") * (1 - MIN_REMAINING_SHARE) < 60
