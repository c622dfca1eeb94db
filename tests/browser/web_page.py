"""The page at `/` in the browser."""

import re
from typing import TYPE_CHECKING

from tests.acceptance.client import Client
from tests.browser.watched_page import WatchedPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.acceptance.emulator_process import Emulator


class WebPage(WatchedPage):
    """The page at `/`, and the API that it calls."""

    def __init__(self, page: "Page", emulator: "Emulator") -> None:
        super().__init__(page)
        self.emulator = emulator
        self.client = Client(emulator.url)
        self._expected: list[str] = []

    def open(self, fragment: str = "") -> None:
        """Show a view, such as `#/files/ID`. A page that is open already isn't loaded again."""
        self.page.goto(f"{self.emulator.url}/{fragment}")
        self.page.locator("fl-app main").wait_for()

    def uploaded(self, name: str) -> "Locator":
        """Return the link to a file that was uploaded in this tab."""
        return self.page.get_by_role("list", name="Uploaded just now").get_by_role("link", name=name)

    def expect_problem(self, pattern: str) -> None:
        """Allow messages of the console that match, such as `status of 404`, which the browser reports."""
        self._expected.append(pattern)

    def unexpected_problems(self) -> list[str]:
        return [text for text in self.problems if not any(re.search(each, text) for each in self._expected)]

    def foreign_origins(self) -> set[str]:
        """Return whom the page has sent requests to besides the service and its bucket."""
        return self.origins - {self.emulator.url, self.emulator.aws_url}
