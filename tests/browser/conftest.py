"""A Chromium, and web pages from a server of another origin than the service's."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.browser.web_page import WebPage
from tests.web_page_server import run_web_page_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.acceptance.emulator_process import Emulator

EXECUTABLES = ("chromium", "chromium-browser", "google-chrome")
REBOUND_NAME = "rebound.example"
"""A name that the browser resolves to 127.0.0.1, as after DNS rebinding."""
ARGUMENTS = ["--no-sandbox", f"--host-resolver-rules=MAP {REBOUND_NAME} 127.0.0.1"]
"""Chromium's sandbox can't be used by root, which CI is. The pages are ours."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium. Without one the tests are skipped; in CI that is a failure."""
    for name in EXECUTABLES:
        if path := shutil.which(name):
            return path
    message = f"install one of {', '.join(EXECUTABLES)}: what web pages can do was NOT tested"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator["Browser"]:
    """A Chromium without a window.

    Of one module and not of the session, which costs a second: while it runs, its thread has an event loop, in
    which other modules' `asyncio.run` would fail.
    """
    from playwright.sync_api import sync_playwright  # takes 0.2 s, and only these tests need it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: "Browser") -> Iterator[Callable[[str], "Page"]]:
    """Open an empty page at a URL that begins with this host name, on a port of its own: another origin."""
    context = browser.new_context()

    with run_web_page_server() as server:

        def open_at(host: str) -> "Page":
            page = context.new_page()
            page.goto(f"http://{host}:{server.server_port}/")
            return page

        yield open_at
        context.close()


@pytest.fixture
def listed_page(browser: "Browser", cors_origin: str) -> "Iterator[Page]":
    """An empty page whose origin the session's emulator has in CORS_ORIGINS."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(cors_origin)
    yield page
    context.close()


@pytest.fixture
def web_context(browser: "Browser", built_pages: None) -> "Iterator[BrowserContext]":  # noqa: ARG001  # served to it
    """What the tabs of one user share."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)  # other tests may use the processors meanwhile
    yield context
    context.close()


@pytest.fixture
def web_page(web_context: "BrowserContext", service_emulator: "Emulator") -> Iterator[WebPage]:
    """The page at `/`, not opened yet. Nothing may go wrong in it that the test doesn't expect."""
    page = WebPage(web_context.new_page(), service_emulator)
    yield page
    assert page.unexpected_problems() == []
    assert page.foreign_origins() == set()


@pytest.fixture
def prefix() -> str:
    """What the names of the test's files begin with: other tests have files in the same list."""
    return uuid4().hex[:12]


@pytest.fixture
def three_files(web_page: WebPage, prefix: str) -> list[str]:
    """The ids of three files, `a`, `b` and `c`, that a list by name shows."""
    ids = [web_page.client.upload(f"{prefix} {each}.txt", b"x", "text/plain").id for each in "abc"]
    for file_id in ids:
        web_page.client.wait_until_terminal(file_id)
    return ids
