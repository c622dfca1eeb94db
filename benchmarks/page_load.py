"""Print how long it takes until the web page at `/` shows its list, in Chromium, from an emulator on this machine.

    .venv/bin/python -m benchmarks.page_load

From the beginning of the navigation to the first row: with an empty cache, and when the page is opened again. The
aim is 500 ms on a machine that does nothing else.
"""

import shutil
import sys
import tempfile
from contextlib import closing
from http.client import HTTPConnection
from os import environ
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.server_processes import running
from benchmarks.table import spread

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FILES = 100
RUNS = 15

FIRST_ROW = """
() => document.querySelector("fl-app")?.shadowRoot.querySelector("fl-file-list")?.shadowRoot.querySelector(".row")
    && performance.now()
"""


def main() -> int:
    """Print the milliseconds. Return 1 without a Chromium."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("install chromium")
        return 1
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "emulator", "--port", "0", "--aws-port", "0", "--data-dir", data]
        with running(command, environ, r"^ready (\S+)") as (_, url), sync_playwright() as playwright:
            upload_files(url)
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            measure(browser, url)
            browser.close()
    return 0


def measure(browser: "Browser", url: str) -> None:
    """Print the milliseconds until the first row, with an empty cache and again."""
    first, again = [], []
    for _ in range(RUNS):
        page = browser.new_page()
        first.append(time_of_first_row(page, url))
        again.append(time_of_first_row(page, url))
        page.close()
    for name, times in (("empty cache", first), ("again", again)):
        print(f"{name}: {median(times):.0f} ms ({spread(times)}) to the first row")


def time_of_first_row(page: "Page", url: str) -> float:
    """Open the page and return the milliseconds."""
    page.goto("about:blank")
    page.goto(url)
    return float(page.wait_for_function(FIRST_ROW, polling=5).json_value())


def upload_files(url: str) -> None:
    """Upload the list's files."""
    with closing(HTTPConnection(urlsplit(url).netloc)) as connection:
        for number in range(FILES):
            path, headers = f"/api/upload/?name={number}.txt", {"Content-Type": "application/octet-stream"}
            connection.request("POST", path, b"hello", headers)
            response = connection.getresponse()
            content = response.read()
            assert response.status == 201, content


if __name__ == "__main__":
    sys.exit(main())
