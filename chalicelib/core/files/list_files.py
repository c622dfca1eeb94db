"""Listing files, page by page (keyset pagination)."""

from dataclasses import dataclass, replace

from chalicelib.core.files import File
from chalicelib.core.ports import Files
from chalicelib.core.queries import ListQuery, Order, Position


@dataclass(frozen=True, slots=True)
class Page:
    files: list[File]
    next: Position | None


def list_files(files: Files, owner: str, query: ListQuery) -> Page:
    """Return one page of the owner's files. One statement: one row more than asked for tells of a next page."""
    rows = files.list(owner, replace(query, limit=query.limit + 1))
    page = rows[: query.limit]
    return Page(page, _position(query.order, page[-1]) if len(rows) > query.limit else None)


def _position(order: Order, file: File) -> Position:
    return Position(order, None if order.key == "id" else getattr(file, order.key), file.id)
