"""The documentation of the API in the browser."""

from typing import TYPE_CHECKING

from tests.browser.watched_page import WatchedPage

if TYPE_CHECKING:
    from playwright.sync_api import Locator


class DocsPage(WatchedPage):
    """The documentation page."""

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.page.locator(".opblock").first.wait_for()

    def operation(self, method: str, path: str) -> "Locator":
        """Return the block of an operation, expanded."""
        summary = self.page.locator(f'.opblock-summary-path[data-path="{path}"]')
        block = self.page.locator(f".opblock-{method.lower()}").filter(has=summary)
        if "is-open" not in (block.get_attribute("class") or ""):
            block.locator(".opblock-summary-control").click()
        block.get_by_role("button", name="Execute").wait_for()
        return block

    def click_all(self, selector: str) -> None:
        """Click all elements at once: one by one it would take the browser half a minute."""
        self.page.eval_on_selector_all(selector, "elements => elements.forEach(element => element.click())")

    def execute(self, block: "Locator") -> tuple[str, str]:
        """Send the request. Return the status and the text of the response."""
        clear = block.get_by_role("button", name="Clear")
        if clear.count():  # an earlier response, which could be taken for this one
            clear.click()
        block.get_by_role("button", name="Execute").click()
        response = block.locator(".live-responses-table tr.response")
        response.wait_for()
        status = response.locator(".response-col_status").inner_text().split()[0]
        return status, response.locator(".response-col_description").inner_text()

    def execute_with_id(self, method: str, path: str, file_id: str) -> tuple[str, str]:
        block = self.operation(method, path)
        block.locator("tr[data-param-name=file_id] input").fill(file_id)
        return self.execute(block)
