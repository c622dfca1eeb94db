"""Reads files' timelines."""

from collections import Counter
from itertools import pairwise
from typing import Any

from tests.acceptance.client import Client

TAKEOVER = "taken over"


def get_timeline(client: Client, file_id: str) -> list[dict[str, Any]]:
    response = client.request("GET", f"/api/files/{file_id}/timeline")
    assert response.status_code == 200, response.text
    entries: list[dict[str, Any]] = response.json()
    return entries


def count_events(entries: list[dict[str, Any]]) -> Counter[str]:
    """Count the entries of each type, and takeovers: a worker claimed a file that another worker had claimed and
    neither finished nor released, because it had died or lost the database."""
    claims = [entry["type"] == "claimed" for entry in entries if entry["type"] != "event"]
    takeovers = sum(one and other for one, other in pairwise(claims))
    return Counter(entry["type"] for entry in entries) + Counter({TAKEOVER: takeovers})


def has_attempt_with_two_ends(entries: list[dict[str, Any]]) -> bool:
    ends = Counter(entry["attempts"] for entry in entries if entry["type"] in {"finished", "retried"})
    return any(count > 1 for count in ends.values())
