"""Recorded events, decoded."""

import json
from pathlib import Path

import pytest

from chalicelib.core.s3_events import created_keys

EVENTS = Path(__file__).parents[1] / "events"


@pytest.mark.parametrize(
    ("recorded", "keys"),
    [
        ("put", ["uploads/01930000-0000-7000-8000-000000000000/report.pdf"]),
        ("awkward-names", ["uploads/1/two words + one.txt", "uploads/2/Grüße 100%.txt", 'uploads/3/"😀".gif']),
        ("test-event", []),
        ("removed", []),
        ("multipart", ["uploads/01930000-0000-7000-8000-000000000001/video.mp4"]),
    ],
)
def test_keys_of_created_objects(recorded: str, keys: list[str]) -> None:
    event = json.loads((EVENTS / f"{recorded}.json").read_text())
    assert list(created_keys(event)) == keys
