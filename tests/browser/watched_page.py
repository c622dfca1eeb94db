"""A page in the browser, and what goes wrong in it."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`violation of ${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`);
});
"""


class WatchedPage:
    """A page whose messages and requests are recorded, from before it is opened."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.problems: list[str] = []
        """Messages of the console, violations of the Content-Security-Policy, and exceptions."""
        self.origins: set[str] = set()
        """Of all requests."""
        page.add_init_script(REPORT_VIOLATIONS)
        page.on("console", lambda message: self.problems.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", self._record)
        # `expect_file_chooser` would come too late: Chromium takes note of the first listener after some time.
        page.on("filechooser", lambda _: None)

    def _record(self, request: "Request") -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"}:
            self.origins.add(f"{parts.scheme}://{parts.netloc}")
