"""Cursors survive a round trip or are rejected; a Link header is on every page but the last."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from chalicelib.core.changes.history import ChangePage, HistoryEntry, HistoryEventType
from chalicelib.core.errors import ServiceError
from chalicelib.core.files.file_list import UNKNOWN_SIZE, Order, Position
from chalicelib.core.files.filenames import MAX_NAME_LENGTH
from chalicelib.core.files.list_files import Page
from chalicelib.http.errors import INVALID_PARAMETER
from chalicelib.http.pagination import (
    INVALID_CURSOR,
    MAX_CURSOR_LENGTH,
    changes_link,
    decode_cursor,
    encode_cursor,
    file_list_link,
)

BASE = "https://files.example"
FILE_ID = UUID("01930000-0000-7000-8000-000000000000")
TIME = datetime(2026, 11, 27, 20, tzinfo=UTC).isoformat()

KEYS: dict[Order, str | int] = {
    Order.NEWEST: TIME,
    Order.OLDEST: TIME,
    Order.NAME: "Größe & Co.txt",
    Order.NAME_DESCENDING: "",
    Order.SIZE: UNKNOWN_SIZE,
    Order.SIZE_DESCENDING: 2**63 - 1,
}


def encode_json(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("order", Order)
def test_cursor_decodes_to_the_position_that_was_encoded(order: Order) -> None:
    position = Position(order, KEYS[order], FILE_ID)
    assert decode_cursor(encode_cursor(position), order) == position


@pytest.mark.parametrize("order", Order)
def test_cursor_needs_no_escaping_in_a_url(order: Order) -> None:
    cursor = encode_cursor(Position(order, KEYS[order], FILE_ID))
    assert cursor.isascii()
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_longest_cursor_is_accepted() -> None:
    position = Position(Order.NAME, "\N{GRINNING FACE}" * MAX_NAME_LENGTH, FILE_ID)
    cursor = encode_cursor(position)
    assert MAX_CURSOR_LENGTH / 2 < len(cursor) < MAX_CURSOR_LENGTH
    assert decode_cursor(cursor, Order.NAME) == position


def test_cursor_of_another_order_is_rejected() -> None:
    cursor = encode_cursor(Position(Order.NAME, "a", FILE_ID))
    assert (
        rejection(cursor, Order.NAME_DESCENDING) == "The parameter `cursor` belongs to a list in the order name."
    )


@pytest.mark.parametrize(
    ("order", "key"),
    [
        (Order.SIZE, "5"),
        (Order.SIZE, UNKNOWN_SIZE - 1),
        (Order.SIZE, 2**63),
        (Order.NAME, 5),
        (Order.NAME, "a\0"),
        (Order.NEWEST, 5),
        (Order.NEWEST, "yesterday"),
        (Order.NEWEST, "2026-11-27T20:00:00"),
        (Order.NEWEST, None),
    ],
)
def test_cursor_whose_key_does_not_fit_its_order_is_rejected(order: Order, key: object) -> None:
    assert rejection(forge({"order": order, "key": key, "id": str(FILE_ID)}), order) == explanation()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "ü",
        "%00",
        "e30",
        "W10",
        "bm90IEpTT04",
        encode_cursor(Position(Order.NAME, "a", FILE_ID))[1:],
        encode_json("[" * 1100),
        encode_json('{"order":' * 150),
        encode_json('{"key":"a","x":' + "[" * 1100),
        encode_json('{"key":' + "9" * 1500),
        "\ud800",
        "A" * (MAX_CURSOR_LENGTH + 1),
    ],
)
def test_text_that_is_not_a_cursor_is_rejected(cursor: str) -> None:
    assert rejection(cursor, Order.NAME) == explanation()


def test_last_page_of_files_has_no_link() -> None:
    assert file_list_link({}, Page([], None, Order.NAME), BASE) is None


def test_link_of_files_keeps_the_query_and_replaces_the_cursor() -> None:
    position = Position(Order.NAME, "a", FILE_ID)
    sent = {"order": "name", "q": "a b&c", "cursor": "old"}
    path, query = link_target(file_list_link(sent, Page([], position, Order.NAME), BASE))
    assert path == f"{BASE}/api/files/"
    assert query == {"order": ["name"], "q": ["a b&c"], "cursor": [encode_cursor(position)]}


def test_longest_link_is_a_url_that_api_gateway_accepts() -> None:
    widest = "\N{GRINNING FACE}" * 255
    sent = {"q": widest, "type": widest, "order": "name", "limit": "1000", "status": "awaiting_upload"}
    link = file_list_link(sent, Page([], Position(Order.NAME, widest, FILE_ID), Order.NAME), BASE)
    assert link
    assert len(link) < 8000


def test_last_page_of_changes_has_no_link() -> None:
    assert changes_link({}, ChangePage([change(1)], more=False), BASE) is None


def test_link_of_changes_continues_after_the_last_one() -> None:
    path, query = link_target(
        changes_link({"limit": "2", "since": "3"}, ChangePage([change(4), change(9)], more=True), BASE)
    )
    assert path == f"{BASE}/api/changes"
    assert query == {"limit": ["2"], "since": ["9"]}


def link_target(link: str | None) -> tuple[str, dict[str, list[str]]]:
    """Return the URL in the Link header without its query string, and the query string's parameters."""
    assert link
    assert link.startswith("<")
    assert link.endswith('>; rel="next"')
    url = urlsplit(link[1 : link.index(">")])
    return f"{url.scheme}://{url.netloc}{url.path}", parse_qs(url.query, strict_parsing=True)


def change(seq: int) -> HistoryEntry:
    return HistoryEntry(
        file_id=FILE_ID,
        at=datetime(2026, 11, 27, tzinfo=UTC),
        type=HistoryEventType.FINISHED,
        status=None,
        version=2,
        attempts=1,
        error_code=None,
        mismatch=None,
        metadata={},
        verdict=None,
        detail=None,
        seq=seq,
    )


def forge(position: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def rejection(cursor: str, order: Order) -> str:
    with pytest.raises(ServiceError) as caught:
        decode_cursor(cursor, order)
    assert caught.value.kind is INVALID_PARAMETER
    return caught.value.message


def explanation() -> str:
    return f"The parameter `cursor` {INVALID_CURSOR}."
