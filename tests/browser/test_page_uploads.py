"""Uploads from the page at `/`."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.browser.axe_check import find_faults
from tests.browser.held_parts import HeldParts
from tests.browser.page_costs import heap_bytes, task_seconds
from tests.browser.upload_steps import MIB, drop, open_uploader, text_file
from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

TAKE_ALL = """
window.taken = [];
const { fetch } = window;
window.fetch = async (url, init) => {
    const body = init?.method === "POST" && String(url).endsWith("/api/uploads") ? JSON.parse(init.body) : null;
    if (body?.size !== 1000) return fetch(url, init);
    const upload = {method: "PUT", url: "http://storage.invalid/", headers: {}};
    const created = {id: crypto.randomUUID(), status: "awaiting_upload", upload, part_count: null};
    return Response.json({...body, ...created}, {status: 201});
};
XMLHttpRequest.prototype.send = function (body) {
    taken.push(body.size);
    Object.defineProperty(this, "status", {value: 200});
    setTimeout(() => this.onload(), 1);
};
"""
"""Takes all bytes in place of the storage, and files of 1,000 bytes in place of the service, to save time."""

PREPARE_MANY = """
count => {
    const transfer = new DataTransfer();
    for (let number = 0; number < count; number++) {
        transfer.items.add(new File([new Uint8Array(1000)], `${number}.bin`, {lastModified: 1}));
    }
    const app = document.querySelector("fl-app").shadowRoot;
    const input = app.querySelector("fl-upload-area").shadowRoot.querySelector("#files");
    input.files = transfer.files;
    window.chooseMany = () => input.dispatchEvent(new Event("change"));
}
"""

REMOVE = """
() => {
    const main = document.querySelector("fl-app").shadowRoot.querySelector("main");
    const area = main.querySelector("fl-upload-area");
    area.remove();
    window.putBack = () => main.prepend(area);
}
"""

PASTE = """
(name) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["hello"], name, {type: "text/plain"}));
    document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true}));
}
"""


@pytest.fixture
def page(web_page: WebPage) -> WebPage:
    """The page at `/`, as soon as files can be uploaded from it."""
    open_uploader(web_page)
    return web_page


class TestChoosing:
    def test_chosen_files_are_uploaded_and_system_files_are_skipped(self, page: WebPage) -> None:
        name = f"{uuid4().hex}.txt"
        with page.page.expect_file_chooser() as chooser:
            page.page.get_by_role("button", name="Choose files").click()
        chooser.value.set_files([text_file(name), text_file(".DS_Store"), text_file("Thumbs.db")])
        page.page.get_by_text("2 system files skipped").first.wait_for()
        link = page.uploaded(name)
        link.wait_for()
        [file] = page.client.files(q=name)
        assert (link.get_attribute("href") or "").endswith(f"/files/{file.id}")
        assert file.size == 5
        page.page.get_by_text("1 ready").wait_for()
        page.page.get_by_role("listitem").filter(has_text=name).filter(has_text="Ready").first.wait_for()

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

    def test_pasted_file_is_uploaded(self, page: WebPage) -> None:
        name = f"{uuid4().hex}.txt"
        page.page.evaluate(PASTE, name)
        page.uploaded(name).wait_for()
        assert [file.size for file in page.client.files(q=name)] == [5]


class TestRefusals:
    def test_changed_file_is_not_sent(self, web_page: WebPage, tmp_path: Path) -> None:
        web_page.expect_problem("ERR_UPLOAD_FILE_CHANGED")
        parts = HeldParts(web_page)
        open_uploader(web_page)
        path = tmp_path / "changing.txt"
        path.write_text("as it was")
        web_page.page.locator("#files").set_input_files(path)
        web_page.page.wait_for_function("() => parts.held.length > 0")
        path.write_text("as it is now")
        os.utime(path, (1, 1))
        parts.let_through(10)
        web_page.page.get_by_text("The browser cannot read the file.").wait_for()

    def test_refused_file_is_shown_with_the_reason_and_tried_again(self, web_page: WebPage) -> None:
        web_page.expect_problem("status of 403")
        open_uploader(web_page)
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        refusal = {"error": "quota_exceeded", "message": "Delete some files.", "requestId": "request-7"}
        tab.route("**/api/uploads", lambda route: route.fulfill(status=403, json=refusal), times=1)
        tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab.locator("#files").set_input_files(text_file(name))
        row = tab.get_by_role("listitem").filter(has_text=name).filter(has_text="Delete some files.")
        row.get_by_role("button", name="Copy details").click()
        tab.get_by_text("Details copied").first.wait_for()
        assert "request-7" in tab.evaluate("navigator.clipboard.readText()")
        row.get_by_role("button", name="Try again").click()
        web_page.uploaded(name).wait_for()
        assert tab.get_by_role("heading", name="1 file was not uploaded").count() == 0

    def test_limits_are_checked_before_anything_is_sent(self, web_page: WebPage) -> None:
        tab = web_page.page
        limits = {"max_file_bytes": 10, "allowed_types": ["text/*"], "denied_types": ["text/html"]}
        usage = web_page.client.request("GET", "/api/usage").json() | limits
        usage["files"]["left"] = 1
        tab.route("**/api/usage", lambda route: route.fulfill(json=usage))
        requests: list[str] = []
        tab.on("request", lambda request: requests.append(f"{request.method} {urlsplit(request.url).path}"))
        open_uploader(web_page)
        tab.get_by_text("Up to 10 bytes each").wait_for()
        files: list[FilePayload] = [
            text_file("long.txt", b"more than ten"),
            {"name": "page.html", "mimeType": "text/html", "buffer": b"x"},
            {"name": "photo.png", "mimeType": "image/png", "buffer": b"x"},
            text_file("first.txt", b"1"),
            text_file("second.txt", b"2"),
        ]
        tab.locator("#files").set_input_files(files)
        for name, reason in {
            "long.txt": "It has 13 bytes, and files may have up to 10 bytes",
            "page.html": "type text/html are not accepted",
            "photo.png": "type image/png are not accepted, only text/*",
            "second.txt": "only 1 more",
        }.items():
            tab.get_by_role("listitem").filter(has_text=name).filter(has_text=reason).wait_for()
        web_page.uploaded("first.txt").wait_for()
        assert requests.count("POST /api/uploads") == 1

        usage["files"]["left"] = 5  # as after deleting some
        tab.locator("#files").set_input_files([text_file("second.txt", b"2")])
        web_page.uploaded("second.txt").wait_for()


class TestAccessibility:
    def test_queue_has_no_serious_fault_and_fits_a_phone(self, web_page: WebPage) -> None:
        """With a file that is being sent, one that was refused and one that is ready, light and dark."""
        web_page.expect_problem("status of 403")
        parts = HeldParts(web_page)
        open_uploader(web_page)
        tab = web_page.page
        parts.let_through(1)
        tab.locator("#files").set_input_files(text_file("ready.txt"))
        tab.get_by_text("1 ready").wait_for()
        refusal = {"error": "quota_exceeded", "message": "Delete some files.", "requestId": "request-7"}
        tab.route("**/api/uploads", lambda route: route.fulfill(status=403, json=refusal), times=1)
        tab.locator("#files").set_input_files([text_file("refused.txt"), text_file("sent.txt")])
        tab.wait_for_function("() => parts.held.length > 0")
        tab.get_by_text("Delete some files.").wait_for()
        assert find_faults(tab) == []
        tab.emulate_media(color_scheme="dark")
        tab.set_viewport_size({"width": 320, "height": 800})
        tab.wait_for_timeout(300)  # until Uppy has noticed
        assert find_faults(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320

    def test_files_are_chosen_with_the_keyboard(self, page: WebPage) -> None:
        page.page.get_by_role("button", name="Choose a folder").focus()
        page.page.keyboard.press("Shift+Tab")
        with page.page.expect_file_chooser() as chooser:
            page.page.keyboard.press("Enter")
        assert chooser.value.is_multiple()


class TestElement:
    def test_removed_element_stops_and_goes_on_when_it_is_back(self, web_page: WebPage) -> None:
        parts = HeldParts(web_page)
        open_uploader(web_page)
        name = f"{uuid4().hex}.txt"
        web_page.page.locator("#files").set_input_files(text_file(name))
        web_page.page.wait_for_function("() => parts.held.length > 0")
        web_page.page.evaluate(REMOVE)
        parts.let_through(10)
        assert [file.status for file in web_page.client.files(q=name)] == ["awaiting_upload"]
        web_page.page.evaluate("putBack()")
        web_page.uploaded(name).wait_for()
        assert parts.attempts() == 1


class TestManyAndLargeFiles:
    @pytest.mark.slow(12)
    def test_page_stays_responsive_with_ten_thousand_files(self, web_page: WebPage) -> None:
        """Each task is measured by the time of the processor, as other tests may run at the same time."""
        web_page.page.add_init_script(TAKE_ALL)
        open_uploader(web_page)
        tab = web_page.page
        tab.evaluate(PREPARE_MANY, 10_000)
        browser = tab.context.browser
        assert browser is not None
        browser.start_tracing(page=tab, categories=["toplevel"])
        tab.evaluate("chooseMany()")
        heap = 0
        while tab.evaluate("taken.length") < 150:
            tab.wait_for_timeout(100)
            heap = max(heap, heap_bytes(tab))
        tasks = task_seconds(browser.stop_tracing())
        tab.get_by_text(re.compile("of 10,000 files")).wait_for()
        assert heap < 150 * MIB
        assert max(tasks) < 0.2

    def test_slices_of_a_large_file_are_sent(self, web_page: WebPage, tmp_path: Path) -> None:
        web_page.expect_problem("status of 409")  # the storage has none of the parts
        web_page.page.add_init_script(TAKE_ALL)
        open_uploader(web_page)
        path = tmp_path / "large.bin"
        size = 10 * 1024 * MIB
        with path.open("wb") as file:
            file.truncate(size)
        tab = web_page.page
        tab.locator("#files").set_input_files(path)
        heap = 0
        while tab.evaluate("taken.reduce((sum, each) => sum + each, 0)") < size:
            tab.wait_for_timeout(50)
            heap = max(heap, heap_bytes(tab))
        assert heap < 150 * MIB
        assert tab.evaluate("Math.max(...taken)") <= 64 * MIB
        tab.get_by_role("button", name="Cancel all").click()


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
