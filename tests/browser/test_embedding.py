"""`<file-dropzone>` on a page of another origin: the one of docs/how-to/embed-the-uploader.md."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.acceptance.client import Client
from tests.browser.axe_check import find_faults
from tests.browser.watched_page import WatchedPage
from tests.pages.console_commands import PROJECT, code_blocks
from tests.web_page_server import WebFile, WebPageServer

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, FilePayload, Locator

    from tests.acceptance.emulator_process import Emulator, ProtectedEmulator

HOW_TO = PROJECT / "docs" / "how-to" / "embed-the-uploader.md"
TAG = "<file-dropzone "

RECORD_EVENTS = """
window.events = [];
for (const type of ["uploaded", "processed", "failed", "token-refused"]) {
    document.addEventListener(type, ({detail}) => window.events.push({type, ...detail, file: detail?.file.size}));
}
"""

REPLACE_TOKEN = """
document.addEventListener("token-refused", (event) => {
    event.preventDefault();
    setTimeout(() => { event.target.token = "TOKEN"; }, 50);
});
"""


class EmbeddingPage(WatchedPage):
    """The documented page, at an origin that the service lists in CORS_ORIGINS."""

    def __init__(self, context: "BrowserContext", emulator: "Emulator", server: WebPageServer) -> None:
        super().__init__(context.new_page())
        self.emulator = emulator
        self.server = server
        self.page.add_init_script(RECORD_EVENTS)
        self.page.set_default_timeout(20_000)

    @property
    def dropzone(self) -> "Locator":
        return self.page.locator("file-dropzone")

    def open(self, *, attributes: str = "", script: str = "") -> None:
        """Show the page, with these attributes before its own ones, and this script after its own one."""
        blocks = {block.language: block.text for block in list(code_blocks(HOW_TO.read_text()))[:2]}
        html = blocks["html"].replace("http://127.0.0.1:8000", self.emulator.url)
        html = html.replace("http://127.0.0.1:4566", self.emulator.aws_url).replace(TAG, f"{TAG}{attributes} ")
        self.server.files["/page"] = WebFile(html, "text/html")
        self.server.files["/page.js"] = WebFile(blocks["js"] + script, "text/javascript")
        self.page.goto(f"{self.server.origin}/page")
        self.dropzone.get_by_role("button", name="Choose files").wait_for()

    def choose(self, *files: "FilePayload") -> None:
        with self.page.expect_file_chooser() as chooser:
            self.dropzone.get_by_role("button", name="Choose files").click()
        chooser.value.set_files(list(files))

    def wait_for(self, event: str, name: str) -> dict[str, Any]:
        """Return what the event says of the file with this name, once there is one."""
        find = f"() => window.events.find(each => each.type == '{event}' && each.name == '{name}')"
        found: dict[str, Any] = self.page.wait_for_function(find, polling=50).json_value()
        return found


def text_file(
    content: bytes = b"hello", *, extension: str = "txt", media_type: str = "text/plain"
) -> "FilePayload":
    return {"name": f"{uuid4().hex}.{extension}", "mimeType": media_type, "buffer": content}


@pytest.fixture
def page(
    web_context: "BrowserContext", service_emulator: "Emulator", cors_server: WebPageServer
) -> Iterator[EmbeddingPage]:
    """The page, not opened yet. Nothing may violate its Content-Security-Policy."""
    page = EmbeddingPage(web_context, service_emulator, cors_server)
    yield page
    assert page.problems == []
    assert page.origins <= {cors_server.origin, service_emulator.url, service_emulator.aws_url}


def test_visitor_uploads_and_the_page_hears_of_it(page: EmbeddingPage) -> None:
    page.open()
    file = text_file()
    page.choose(file)
    processed = page.wait_for("processed", file["name"])
    uploaded = page.wait_for("uploaded", file["name"])
    assert {**processed, "type": "uploaded"} == uploaded
    assert processed["file"] == 5
    client = Client(page.emulator.url)
    stored = client.file(processed["id"])
    assert (stored.name, stored.status, stored.metadata) == (file["name"], "processed", {"order": "7"})
    page.page.get_by_role("listitem").filter(has_text=f"{file['name']} is ready").wait_for()
    assert page.dropzone.get_by_role("link").count() == 0, "the visitor may not open the service's page"


def test_what_the_attributes_forbid_is_not_sent(page: EmbeddingPage) -> None:
    page.open(attributes='max-size="10"')
    too_large, wrong_type = text_file(b"x" * 11), text_file(extension="zip", media_type="application/zip")
    page.choose(too_large, wrong_type)
    reasons = {}
    for file in (too_large, wrong_type):
        failed = page.wait_for("failed", file["name"])
        assert failed["id"] is None
        reasons[file["name"]] = failed["reason"]
    assert reasons[too_large["name"]] == "It has 11 bytes, and files may have up to 10 bytes."
    assert "application/zip are not accepted, only image/*, text/plain" in reasons[wrong_type["name"]]
    page.page.get_by_role("listitem").filter(has_text=f"{too_large['name']} is not accepted").wait_for()
    assert find_faults(page.page) == []


def test_no_more_files_than_the_attribute_says(page: EmbeddingPage) -> None:
    page.open(attributes='max-files="1"')
    first, second = text_file(), text_file()
    page.choose(first)
    page.wait_for("uploaded", first["name"])
    page.choose(second)
    assert page.wait_for("failed", second["name"])["reason"] == "You may not add more files now."


def test_what_the_service_rejects_has_failed(page: EmbeddingPage, service_emulator: "Emulator") -> None:
    """Of an owner who may only have images and texts: the service finds out after the bytes have arrived."""
    page.open(attributes='types="image/*, application/octet-stream"')
    file = text_file(b"\x89PNG\r\n\x1a\n" + b"x" * 99, extension="png", media_type="image/png")
    page.choose(file)
    failed = page.wait_for("failed", file["name"])
    stored = Client(service_emulator.url).file(failed["id"])
    assert stored.status == "failed"
    assert stored.error is not None
    assert failed["reason"] == stored.error.message


class TestToken:
    def test_visitor_uploads_with_an_upload_token_and_with_the_next_one(
        self, web_context: "BrowserContext", protected_emulator: "ProtectedEmulator", cors_server: WebPageServer
    ) -> None:
        """The page promises another one in place of that which is refused; the file waits for it."""
        admin = Client(protected_emulator.emulator.url, protected_emulator.token)
        created = admin.request("POST", "/api/upload-tokens", headers={"X-Owner": "visitor"}).json()
        page = EmbeddingPage(web_context, protected_emulator.emulator, cors_server)
        page.open(script=REPLACE_TOKEN.replace("TOKEN", created["token"]), attributes='token="expired.token"')
        file = text_file()
        page.choose(file)
        processed = page.wait_for("processed", file["name"])
        stored = admin.file(processed["id"])
        assert (stored.owner, stored.status, stored.name) == ("visitor", "processed", file["name"])
        events = page.page.evaluate("window.events.map(({type}) => type)")
        assert events == ["token-refused", "uploaded", "processed"]
        assert [problem for problem in page.problems if "status of 401" not in problem] == []

    def test_refused_token_is_shown_until_there_is_another_one(
        self, web_context: "BrowserContext", protected_emulator: "ProtectedEmulator", cors_server: WebPageServer
    ) -> None:
        admin = Client(protected_emulator.emulator.url, protected_emulator.token)
        token = admin.request("POST", "/api/upload-tokens", headers={"X-Owner": "visitor"}).json()["token"]
        page = EmbeddingPage(web_context, protected_emulator.emulator, cors_server)
        page.open()
        alert = page.dropzone.get_by_role("alert")
        alert.filter(has_text="Files cannot be uploaded now").wait_for()
        page.dropzone.evaluate("(element, token) => { element.token = token; }", token)
        alert.wait_for(state="detached")
