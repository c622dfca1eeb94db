"""What may be read in a timeline."""

from collections import Counter
from itertools import pairwise
from typing import Any

from tests.acceptance.client import Client

TAKEN_OVER = "taken over"


def entries_of(client: Client, file_id: str) -> list[dict[str, Any]]:
    answer = client.request("GET", f"/api/files/{file_id}/timeline")
    assert answer.status_code == 200, answer.text
    entries: list[dict[str, Any]] = answer.json()
    return entries


def happenings(entries: list[dict[str, Any]]) -> Counter[str]:
    """Count what happened, and how often a worker took over from one that had died, or had lost the database:
    it claimed what another had claimed and neither finished nor given back."""
    claims = [entry["type"] == "claimed" for entry in entries if entry["type"] != "event"]
    taken_over = sum(one and other for one, other in pairwise(claims))
    return Counter(entry["type"] for entry in entries) + Counter({TAKEN_OVER: taken_over})


def an_attempt_ended_twice(entries: list[dict[str, Any]]) -> bool:
    ends = Counter(entry["attempts"] for entry in entries if entry["type"] in {"finished", "retried"})
    return any(times > 1 for times in ends.values())
