"""What reading the list of files of the page at `/` takes."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def open_list(web_page: WebPage, query: str) -> "Locator":
    """Show the files of a search, and return the list."""
    web_page.open(f"#/?{query}")
    grid = web_page.page.get_by_role("grid", name="Files")
    grid.wait_for()
    return grid


def rows_of(page: "Page") -> "Locator":
    return page.locator("fl-file-list .row")


def names(page: "Page") -> list[str]:
    return page.locator("fl-file-list .row .name a").all_inner_texts()


def row_of(page: "Page", name: str) -> "Locator":
    return rows_of(page).filter(has_text=name)


def wait_until(page: "Page", condition: Callable[[], bool]) -> None:
    """Return when the condition holds, while the page goes on. Fails after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        page.wait_for_timeout(50)
