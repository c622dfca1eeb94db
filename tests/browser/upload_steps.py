"""What uploading from the page at `/` takes: files, and ways to add them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

MIB = 1 << 20


def open_uploader(page: WebPage) -> None:
    """Open the page, and return when files can be uploaded from it."""
    page.open()
    page.page.locator(".uppy-Dashboard").wait_for(state="attached")


def text_file(name: str, content: bytes = b"hello") -> "FilePayload":
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def write_sparse(path: Path, size: int) -> None:
    """Write a file whose parts differ, although it takes hardly any space."""
    with path.open("wb") as file:
        for start in range(0, size, 16 * MIB):
            file.seek(start)
            file.write(str(start).encode())
        file.truncate(size)


def drop(page: WebPage, *paths: Path) -> None:
    """Drop files and folders onto the list, as a file manager does."""
    session = page.page.context.new_cdp_session(page.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    where: dict[str, Any] = {"x": 600, "y": 700, "data": data}
    for step in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": step, **where})
