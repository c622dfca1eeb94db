"""List files, page by page (keyset pagination)."""

from dataclasses import dataclass, replace

from chalicelib.core.files.file_list import ListQuery, Order, Position
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files


@dataclass(frozen=True, slots=True)
class ListFiles:
    """List one page of the owner's files."""

    owner: str
    query: ListQuery


@dataclass(frozen=True, slots=True)
class Page:
    """Files, and where the next page begins, None on the last page."""

    files: list[File]
    next: Position | None


def list_files(command: ListFiles, *, files: Files) -> Page:
    """Return the page. One statement: one row more than requested shows whether there is a next page."""
    query = command.query
    rows = files.list(command.owner, replace(query, limit=query.limit + 1))
    page = rows[: query.limit]
    return Page(page, _position(query.order, page[-1]) if len(rows) > query.limit else None)


def _position(order: Order, file: File) -> Position:
    return Position(order, None if order.key == "id" else getattr(file, order.key), file.id)
