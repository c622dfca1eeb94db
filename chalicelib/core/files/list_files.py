"""List files, page by page (keyset pagination)."""

from datetime import UTC

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.file_list import UNKNOWN_SIZE, ListQuery, Order, Position
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files


class ListFiles(Struct, frozen=True):
    """List one page of these owners' files."""

    owners: Owners
    query: ListQuery


class Page(Struct, frozen=True):
    """Files, and where the next page begins, None on the last page."""

    files: list[File]
    next: Position | None
    order: Order

    def cut(self, count: int) -> "Page":
        """Return the page of the first `count` files, of which there is at least one."""
        if count >= len(self.files):
            return self
        return Page(self.files[:count], _position(self.order, self.files[count - 1]), self.order)


def list_files(command: ListFiles, *, files: Files) -> Page:
    """Return the page. One statement, or two (`Files.list`)."""
    listing, order = files.list(command.owners, command.query), command.query.order
    return Page(listing.files, _position(order, listing.files[-1]) if listing.has_more else None, order)


def _position(order: Order, file: File) -> Position:
    return Position(order, sort_key(order, file), file.id)


def sort_key(order: Order, file: File) -> str | int:
    """Return what the order sorts the file by, before its id."""
    if order.key == "uploaded_at":
        return file.listed_at.astimezone(UTC).isoformat()
    if order.key == "size":
        return UNKNOWN_SIZE if file.size is None else file.size
    return file.name
