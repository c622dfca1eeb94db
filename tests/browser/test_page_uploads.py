"""Uploads from the page at `/`."""

from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Response

MIB = 1 << 20

HOLD_PARTS = """
window.parts = {
    allowed: 0,
    held: [],
    letThrough(count) {
        this.allowed += count;
        while (this.allowed > 0 && this.held.length) this.held.shift()();
    },
};
const { open, send, abort } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.isPart = url.includes("partNumber=");
    return open.call(this, method, url, ...rest);
};
XMLHttpRequest.prototype.send = function (body) {
    const run = () => {
        if (this.isAborted) return;
        parts.allowed -= 1;
        send.call(this, body);
    };
    if (!this.isPart) send.call(this, body);
    else if (parts.allowed > 0) run();
    else parts.held.push(run);
};
XMLHttpRequest.prototype.abort = function () {
    this.isAborted = true;
    abort.call(this);
};
"""
"""Parts wait in the page until they are let through. Playwright's routes would copy their bytes."""


@pytest.fixture
def page(web_page: WebPage) -> WebPage:
    """The page at `/`, as soon as files can be uploaded from it."""
    open_page(web_page)
    return web_page


def open_page(page: WebPage) -> None:
    page.open()
    page.page.locator(".uppy-Dashboard").wait_for(state="attached")


def text_file(name: str, content: bytes = b"hello") -> "FilePayload":
    return {"name": name, "mimeType": "text/plain", "buffer": content}


class TestChoosing:
    def test_chosen_files_are_uploaded_and_system_files_are_skipped(self, page: WebPage) -> None:
        name = f"{uuid4().hex}.txt"
        with page.page.expect_file_chooser() as chooser:
            page.page.get_by_role("button", name="Choose files").click()
        chooser.value.set_files([text_file(name), text_file(".DS_Store"), text_file("Thumbs.db")])
        page.page.get_by_text("2 system files skipped").first.wait_for()
        link = page.page.get_by_role("list", name="Uploaded just now").get_by_role("link", name=name)
        link.wait_for()
        [file] = page.client.files(q=name)
        assert (link.get_attribute("href") or "").endswith(f"/files/{file.id}")
        assert page.client.wait_until_terminal(file.id).size == 5

    def test_files_of_a_folder_keep_their_paths(self, page: WebPage, tmp_path: Path) -> None:
        """Two of the same name, size and time are two files."""
        name = f"{uuid4().hex}.txt"
        for folder in ("one", "two"):
            (tmp_path / "top" / folder).mkdir(parents=True)
            (tmp_path / "top" / folder / name).write_text("same")
        page.page.locator("#folder").set_input_files(tmp_path / "top")
        page.page.get_by_text("2 of 2 files").wait_for()
        files = page.client.files(q=name)
        assert {file.metadata["path"] for file in files} == {f"top/one/{name}", f"top/two/{name}"}


class TestLargeFile:
    @pytest.mark.slow(10)
    def test_each_part_is_sent_once_although_it_is_paused_reloaded_and_offline(
        self, web_page: WebPage, tmp_path: Path
    ) -> None:
        web_page.expect_problem("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
        path = tmp_path / f"{uuid4().hex}.bin"
        write_sparse(path, 200 * MIB)
        parts = Parts(web_page)
        open_page(web_page)
        tab = web_page.page

        parts.let_through(3)
        tab.locator("#files").set_input_files(path)
        parts.wait_for_sent(3)
        tab.get_by_role("button", name="Pause all").click()
        tab.get_by_text("Paused", exact=True).wait_for()

        parts.let_through(3)
        tab.get_by_role("button", name="Resume all").click()
        parts.wait_for_sent(6)

        tab.on("dialog", lambda dialog: dialog.accept())
        tab.reload()
        tab.get_by_text("1 file was not uploaded completely").wait_for()
        parts.let_through(3)
        tab.locator("#files").set_input_files(path)
        parts.wait_for_sent(9)

        tab.context.set_offline(True)
        tab.get_by_text("Offline. It goes on by itself").wait_for()
        parts.let_through(100)
        tab.context.set_offline(False)
        tab.get_by_role("list", name="Uploaded just now").get_by_role("link", name=path.name).wait_for()

        assert sorted(parts.sent) == list(range(1, 14))
        [file] = web_page.client.files(q=path.name)
        assert web_page.client.wait_until_terminal(file.id).size == 200 * MIB
        with path.open("rb") as content:
            assert sha256(web_page.client.content(file)).digest() == file_digest(content, "sha256").digest()


class TestDropping:
    def test_dropped_files_and_folders_are_uploaded_and_empty_ones_are_named(
        self, page: WebPage, tmp_path: Path
    ) -> None:
        name = f"{uuid4().hex}.txt"
        (tmp_path / "top" / "deep" / "empty").mkdir(parents=True)
        (tmp_path / "top" / "deep" / name).write_text("in a folder")
        (tmp_path / name).write_text("alone")
        drop(page, tmp_path / "top", tmp_path / name)
        page.page.get_by_text("An empty folder was left out: top/deep/empty").first.wait_for()
        page.page.get_by_text("2 of 2 files").wait_for()
        files = page.client.files(q=name)
        assert {file.metadata.get("path"): file.size for file in files} == {f"top/deep/{name}": 11, None: 5}


class Parts:
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

    def wait_for_sent(self, count: int) -> None:
        while len(self.sent) < count:
            self._page.wait_for_timeout(20)

    def _record(self, response: "Response") -> None:
        number = parse_qs(urlsplit(response.url).query).get("partNumber")
        if number and response.request.method == "PUT" and response.status == 200:
            self.sent.append(int(number[0]))


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
