"""Pagination: the cursor of a file list, and the Link header that links to the next page (RFC 8288)."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from chalicelib.core.changes.history import ChangePage
from chalicelib.core.errors import ServiceError
from chalicelib.core.files.file_list import UNKNOWN_SIZE, Order, Position
from chalicelib.core.files.list_files import Page
from chalicelib.http.errors import INVALID_PARAMETER
from chalicelib.typed_values import decode_json

MAX_CURSOR_LENGTH = 2048
"""Characters. The longest one that `encode_cursor` returns has 1,452: a name of 255 characters of 4 bytes each."""

CURSOR_PATTERN = r"^[A-Za-z0-9_-]+$(?!\n)"
"""Base64 for URLs. Python's decoder skips other characters."""

INVALID_CURSOR = "must be copied unchanged from the previous page's Link header"


def file_list_link(query: Mapping[str, str], page: Page, base_url: str) -> str | None:
    """Return the Link header of a page of files, whose request had this query; None on the last page."""
    return None if page.next is None else link_to(f"{base_url}/api/files/?{next_page_query(query, page.next)}")


def changes_link(query: Mapping[str, str], page: ChangePage, base_url: str) -> str | None:
    """Return the Link header of a page of changes; None after the last one: there are no further changes yet."""
    if not (page.more and page.entries):
        return None
    last_seq = page.entries[-1].seq
    assert last_seq is not None  # `History.changes` returns entries that have a number
    return link_to(f"{base_url}/api/changes?{next_changes_query(query, last_seq)}")


def next_page_query(query: Mapping[str, str], position: Position) -> str:
    """Return the query string of the page that begins after the position."""
    return urlencode({**query, "cursor": encode_cursor(position)})


def next_changes_query(query: Mapping[str, str], seq: int) -> str:
    """Return the query string of the page of changes that begins after `seq`."""
    return urlencode({**query, "since": seq})


def encode_cursor(position: Position) -> str:
    """Return the position as a string for a URL."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode_cursor(cursor: str | None, order: Order) -> Position | None:
    """Return the position that `encode_cursor` encoded; None without a cursor.

    A cursor of another order is rejected, because it would skip files.
    Raises ServiceError(INVALID_PARAMETER).
    """
    if cursor is None:
        return None
    try:
        encoded = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        position: Position = decode_json(encoded, Position)
    except (UnicodeError, binascii.Error, msgspec.MsgspecError, RecursionError):
        raise _invalid_cursor(INVALID_CURSOR) from None
    if position.order is not order:
        raise _invalid_cursor(f"belongs to a list in the order {position.order}")
    if not _is_valid_position(position):
        raise _invalid_cursor(INVALID_CURSOR)
    return position


def _is_valid_position(position: Position) -> bool:
    """Return whether the position's key has the type of the column that the list is ordered by."""
    if position.order.key == "size":
        return isinstance(position.key, int) and UNKNOWN_SIZE <= position.key < 2**63
    if not isinstance(position.key, str) or "\0" in position.key:
        return False
    return position.order.key != "uploaded_at" or _is_time(position.key)


def _is_time(text: str) -> bool:
    """Return whether the text is a time in UTC in ISO 8601. PostgreSQL doesn't accept every other time zone."""
    try:
        return datetime.fromisoformat(text).utcoffset() == timedelta(0)
    except ValueError:
        return False


def _invalid_cursor(reason: str) -> ServiceError:
    return ServiceError(INVALID_PARAMETER, name="cursor", reason=reason)


def link_to(url: str) -> str:
    """Return the Link header of a page whose next one has this URL."""
    return f'<{url}>; rel="next"'
