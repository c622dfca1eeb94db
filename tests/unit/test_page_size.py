"""Responses fit into what Lambda returns."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from chalicelib.core.changes.history import ChangePage, HistoryEntry, HistoryEventType
from chalicelib.core.changes.timeline import TIMELINE_LIMIT
from chalicelib.core.files.file_list import MAX_LIMIT
from chalicelib.core.files.statuses import Status
from chalicelib.http.dead_letter_messages import MAX_REASON_LENGTH
from chalicelib.http.page_size import MAX_BODY_BYTES, escaped_size, fit_into_page
from chalicelib.http.responses import change_list, timeline
from chalicelib.http.typed_response import build_response

LAMBDA_LIMIT = 6_291_456
BASE = "https://files.example"


def lambda_bytes(response: Any) -> int:
    """Return the size of what Lambda returns, in the runtime that escapes the most."""
    return len(json.dumps(response.to_dict()))


@pytest.mark.parametrize("text", ["plain", 'a "b"\n', "\\", "ü", "表", "\N{GRINNING FACE}", "\x7f", "\u2028"])
def test_escaped_size_is_what_a_string_of_json_has_at_most(text: str) -> None:
    encoded = msgspec.json.encode({"a": text})
    for ascii_only in (True, False):
        assert escaped_size(encoded) >= len(json.dumps(encoded.decode(), ensure_ascii=ascii_only).encode())


def test_page_ends_before_the_limit_and_reads_one_value_more() -> None:
    value = json.dumps("x" * 1_000_000).encode()
    read = []

    def values() -> Iterator[bytes]:
        for number in range(10):
            read.append(number)
            yield value

    page = fit_into_page(values())
    assert len(page) == 4
    assert len(read) == 5
    assert escaped_size(msgspec.json.encode(page)) <= MAX_BODY_BYTES


def test_page_has_at_least_one_value() -> None:
    assert len(fit_into_page([b'"' + b"x" * 2 * MAX_BODY_BYTES + b'"'])) == 1
    assert fit_into_page([]) == []


def entry(
    seq: int,
    detail: dict[str, Any] | None = None,
    error: str = "attempts_exhausted",
    metadata: dict[str, str] | None = None,
) -> HistoryEntry:
    return HistoryEntry(
        file_id=UUID(int=seq),
        at=datetime(2026, 11, 27, tzinfo=UTC),
        type=HistoryEventType.DEAD_LETTER,
        status=Status.AWAITING_UPLOAD,
        version=2**31 - 1,
        attempts=2**31 - 1,
        error_code=error,
        mismatch=False,
        metadata=metadata or {},
        verdict=None,
        detail=detail,
        seq=seq,
    )


def test_a_page_of_changes_with_large_metadata_ends_before_its_limit() -> None:
    metadata = {f"{n}": "\1" * 500 for n in range(4)}  # each character is six in JSON
    entries = [entry(number, metadata=metadata) for number in range(1, MAX_LIMIT + 1)]
    page = ChangePage(entries, more=True)
    response = build_response(change_list({}, page, newest=False, base_url=BASE))
    shown = json.loads(response.body)
    assert escaped_size(response.body.encode()) <= MAX_BODY_BYTES
    assert len(shown) < MAX_LIMIT
    assert f"since={shown[-1]['seq']}" in response.headers["Link"]


def test_largest_page_of_changes_fits() -> None:
    entries = [entry(2**62 + number) for number in range(MAX_LIMIT)]
    page = ChangePage(entries, more=True)
    response = build_response(change_list({}, page, newest=False, base_url=BASE))
    assert len(json.loads(response.body)) == MAX_LIMIT
    assert lambda_bytes(response) < LAMBDA_LIMIT / 10


def test_page_of_changes_that_does_not_fit_links_to_the_rest() -> None:
    entries = [entry(number, error="x" * 100_000) for number in range(1, 101)]
    page = ChangePage(entries, more=False)
    response = build_response(change_list({}, page, newest=False, base_url=BASE))
    shown = json.loads(response.body)
    assert 40 < len(shown) < 50
    assert response.headers["Link"] == f'<{BASE}/api/changes?since={shown[-1]["seq"]}>; rel="next"'
    assert lambda_bytes(response) < LAMBDA_LIMIT


def test_newest_changes_that_do_not_fit_are_the_last_ones() -> None:
    entries = [entry(number, error="x" * 100_000) for number in range(1, 101)]
    page = ChangePage(entries, more=False)
    response = build_response(change_list({"newest": "true"}, page, newest=True, base_url=BASE))
    shown = [each["seq"] for each in json.loads(response.body)]
    assert 40 < len(shown) < 50
    assert shown == list(range(1, 101))[-len(shown) :]
    assert "Link" not in response.headers


def test_timeline_that_does_not_fit_has_the_newest_entries() -> None:
    reason = "\N{GRINNING FACE}" * MAX_REASON_LENGTH
    entries = [entry(number, {"reason": reason, "etag": f"{number}"}) for number in range(TIMELINE_LIMIT)]
    response = build_response(timeline(entries))
    shown = [int(each["event"]["etag"]) for each in json.loads(response.body)]
    assert 500 < len(shown) < TIMELINE_LIMIT
    assert shown == list(range(TIMELINE_LIMIT))[-len(shown) :]
    assert lambda_bytes(response) < LAMBDA_LIMIT
