"""Lets the page's PUT requests wait or fail, and tells what the storage has taken."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import Response

HOLD_PARTS = """
window.parts = {
    allowed: 0,
    held: [],
    attempts: 0,
    failures: [],
    letThrough(count) {
        this.allowed += count;
        while (this.allowed > 0 && this.held.length) this.held.shift()();
    },
};
const { open, send, abort } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.isPut = method === "PUT";
    return open.call(this, method, url, ...rest);
};
XMLHttpRequest.prototype.send = function (body) {
    const run = () => {
        if (this.isAborted) return;
        parts.allowed -= 1;
        parts.attempts += 1;
        const status = parts.failures.shift();
        if (status === undefined) return send.call(this, body);
        Object.defineProperty(this, "status", {value: status});
        this.upload.onprogress(new ProgressEvent("progress", {loaded: body.size}));
        setTimeout(() => status ? this.onload() : this.onerror(), 600);  // after the page has shown it
    };
    if (!this.isPut) send.call(this, body);
    else if (parts.allowed > 0) run();
    else parts.held.push(run);
};
XMLHttpRequest.prototype.abort = function () {
    this.isAborted = true;
    abort.call(this);
};
"""
"""PUT requests wait in the page until they are let through. Playwright's routes would copy their bytes."""


class HeldParts:
    """The parts that the page sends. Those that aren't let through wait."""

    def __init__(self, page: WebPage) -> None:
        """To be created before the page is opened."""
        self.sent: list[int] = []
        """The numbers of the parts that the storage has taken."""
        self._page = page.page
        self._page.add_init_script(HOLD_PARTS)
        self._page.on("response", self._record)

    def let_through(self, count: int) -> None:
        """Let so many more pass."""
        self._page.evaluate("count => parts.letThrough(count)", count)

    def fail_next(self, *statuses: int) -> None:
        """Let the next ones fail with these statuses; 0 is a lost connection."""
        self._page.evaluate("statuses => { parts.failures = statuses; }", statuses)

    def attempts(self) -> int:
        """Return how many this page has sent, or tried to."""
        count: int = self._page.evaluate("parts.attempts")
        return count

    def wait_for_sent(self, count: int) -> None:
        while len(self.sent) < count:
            self._page.wait_for_timeout(20)

    def _record(self, response: "Response") -> None:
        number = parse_qs(urlsplit(response.url).query).get("partNumber")
        if number and response.request.method == "PUT" and response.status == 200:
            self.sent.append(int(number[0]))
