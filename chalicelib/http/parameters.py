"""Query strings, path parameters and JSON bodies, to typed values."""

import base64
import binascii
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from chalice.app import Request

from chalicelib.core.errors import (
    INVALID_FIELD,
    INVALID_PARAMETER,
    MALFORMED_BODY,
    MALFORMED_ID,
    ServiceError,
)
from chalicelib.core.files.file_list import DEFAULT_LIMIT, MAX_LIMIT, ListQuery, Order, Position
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.files.statuses import Status
from chalicelib.core.log_context import bind_request_file
from chalicelib.http.bodies import whole_body

Choice = TypeVar("Choice", bound=StrEnum)


class Changes(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a PATCH."""

    name: str


def read_id(raw: str) -> UUID:
    """Return the id of a path, which log lines carry from here on. Raises ServiceError(MALFORMED_ID)."""
    try:
        file_id = UUID(raw)
    except ValueError:
        raise ServiceError(MALFORMED_ID) from None
    if str(file_id) != raw.lower():  # UUID() takes braces, too, and hyphens anywhere
        raise ServiceError(MALFORMED_ID)
    bind_request_file(file_id)
    return file_id


def read_changes(request: Request) -> Changes:
    """Return what a PATCH asks for.

    Raises ServiceError: LENGTH_REQUIRED, MALFORMED_BODY, INVALID_FIELD, INVALID_NAME.
    """
    try:
        changes = msgspec.json.decode(whole_body(request), type=Changes)
    except msgspec.ValidationError as fault:
        raise ServiceError(INVALID_FIELD, reason=str(fault)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise ServiceError(MALFORMED_BODY, reason=f"it isn't JSON ({fault})") from None
    return Changes(name=clean_filename(changes.name))


def next_changes(request: Request, seq: int) -> str:
    """Return the query string of the page of changes that begins after this one."""
    return urlencode({**(request.query_params or {}), "since": seq})


def read_list_query(request: Request) -> ListQuery:
    """Return which files a list is to hold. Raises ServiceError(INVALID_PARAMETER)."""
    given: Mapping[str, str] = request.query_params or {}
    for name, value in given.items():
        if "\0" in value:  # PostgreSQL's text can't hold it
            raise _invalid(name, "must not hold a NUL character")
    order = _choice(Order, given, "order") or Order.NEWEST
    return ListQuery(
        limit=read_limit(request),
        status=_choice(Status, given, "status"),
        type=given.get("type") or None,
        name_contains=given.get("q") or None,
        order=order,
        after=_position(given["cursor"], order) if "cursor" in given else None,
    )


def next_page(request: Request, position: Position) -> str:
    """Return the query string of the page that begins after the position."""
    kept = {name: value for name, value in (request.query_params or {}).items() if name != "cursor"}
    cursor = base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")
    return urlencode({**kept, "cursor": cursor})


def read_limit(request: Request) -> int:
    """Return how many entries a page may have. Raises ServiceError(INVALID_PARAMETER)."""
    limit = whole_number(request, "limit", 1, MAX_LIMIT, default=DEFAULT_LIMIT)
    assert limit is not None
    return limit


def read_since(request: Request) -> int:
    """Return after which change those that are asked for begin. Raises ServiceError(INVALID_PARAMETER)."""
    return whole_number(request, "since", 0, 2**63 - 1, default=0) or 0


def whole_number(request: Request, name: str, least: int, most: int, default: int | None = None) -> int | None:
    """Return a parameter's number, or the default without one. Raises ServiceError(INVALID_PARAMETER)."""
    given: Mapping[str, str] = request.query_params or {}
    raw = given.get(name)
    if raw is None:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(most)) and least <= int(raw) <= most):
        raise _invalid(name, f"must be a whole number from {least} to {most}")
    return int(raw)


def _choice(kind: type[Choice], given: Mapping[str, str], name: str) -> Choice | None:
    if name not in given:
        return None
    try:
        return kind(given[name])
    except ValueError:
        raise _invalid(name, f"must be one of {', '.join(kind)}") from None


def _position(cursor: str, order: Order) -> Position:
    """A cursor is what `next_page` wrote; one made for another order would skip files."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        position = msgspec.json.decode(raw, type=Position)
    except (UnicodeEncodeError, binascii.Error, msgspec.MsgspecError, UnicodeDecodeError):
        raise _invalid("cursor", "must be taken from the Link header of the page before, unchanged") from None
    if position.order is not order:
        raise _invalid("cursor", f"belongs to a list in the order {position.order}")
    if not _fits(position):
        raise _invalid("cursor", "must be taken from the Link header of the page before, unchanged")
    return position


def _fits(position: Position) -> bool:
    """Tell whether the cursor's key is one that the order's column can be compared with."""
    if position.order.key == "size":
        return isinstance(position.key, int) and 0 <= position.key < 2**63
    if position.order.key == "id":
        return position.key is None
    return isinstance(position.key, str) and "\0" not in position.key


def _invalid(name: str, reason: str) -> ServiceError:
    return ServiceError(INVALID_PARAMETER, name=name, reason=reason)
