"""Uploads from the page at `/`."""

import json
import os
import re
import urllib.request
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests.browser.axe_check import find_faults
from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, FilePayload, Page, Response, Route

MIB = 1 << 20

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

WATCH_PROGRESS = """
window.shownBytes = [];
setInterval(() => {
    const app = document.querySelector("fl-app")?.shadowRoot;
    const bar = app?.querySelector("fl-upload-area")?.shadowRoot?.querySelector("progress");
    if (bar) shownBytes.push(bar.value);
}, 50);
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
        page.page.get_by_role("list", name="Uploaded just now").get_by_role("link", name=name).wait_for()
        assert [file.size for file in page.client.files(q=name)] == [5]


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
        tab.get_by_text(re.compile(r"per second · about \d")).wait_for()

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


class TestInterruptions:
    def test_failed_part_is_sent_again_and_progress_never_goes_back(
        self, web_page: WebPage, tmp_path: Path
    ) -> None:
        web_page.page.add_init_script(WATCH_PROGRESS)
        parts = Parts(web_page)
        open_page(web_page)
        path = tmp_path / f"{uuid4().hex}.bin"
        write_sparse(path, 65 * MIB)
        parts.fail_next(0, 503, 403)  # 403: a URL that has expired
        parts.let_through(100)
        web_page.page.locator("#files").set_input_files(path)
        web_page.page.get_by_role("list", name="Uploaded just now").get_by_role("link", name=path.name).wait_for()
        assert sorted(parts.sent) == [1, 2, 3, 4, 5]
        assert parts.attempts() == 8
        shown = web_page.page.evaluate("shownBytes")
        assert len(shown) > 1
        assert shown == sorted(shown)

    def test_small_file_goes_on_by_itself_after_a_reload(self, web_page: WebPage) -> None:
        """Its bytes are kept in the browser. It is one file, and not a second one."""
        parts = Parts(web_page)
        open_page(web_page)
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        dialogs: list[str] = []

        def accept(dialog: "Dialog") -> None:
            dialogs.append(dialog.type)
            dialog.accept()

        tab.on("dialog", accept)
        tab.locator("#files").set_input_files(text_file(name))
        tab.wait_for_function("() => parts.held.length > 0")
        tab.wait_for_timeout(700)  # the browser writes what is kept twice a second
        tab.reload()
        tab.wait_for_function("() => parts.held.length > 0")
        tab.get_by_role("button", name="Pause all").click()
        tab.reload()
        parts.let_through(1)
        tab.get_by_role("list", name="Uploaded just now").get_by_role("link", name=name).wait_for()
        tab.reload()
        assert dialogs == ["beforeunload"]  # not while it was paused, and not after it
        [file] = web_page.client.files(q=name)
        assert file.size == 5

    def test_files_that_waited_are_named_after_a_reload_and_none_is_sent_twice(
        self, web_page: WebPage, tmp_path: Path
    ) -> None:
        """The browser keeps those that Uppy has. The others have to be chosen again."""
        parts = Parts(web_page)
        open_page(web_page)
        tab, prefix = web_page.page, uuid4().hex
        paths = [tmp_path / f"{prefix}-{number}.txt" for number in range(40)]
        for path in paths:
            path.write_text(path.name)
        parts.let_through(3)
        tab.locator("#files").set_input_files(paths)
        tab.get_by_text("3 of 40 files").wait_for()
        tab.wait_for_timeout(700)  # the browser writes what is kept twice a second
        tab.on("dialog", lambda dialog: dialog.accept())
        tab.reload()
        tab.get_by_text(re.compile("more files .* were waiting when the page was closed")).wait_for()
        parts.let_through(100)
        tab.locator("#files").set_input_files(paths)
        tab.get_by_text(re.compile(r"^(\d+) of \1 files")).wait_for()
        assert {file.name for file in web_page.client.files(q=prefix)} == {path.name for path in paths}
        assert len(web_page.client.files(q=prefix)) == 40
        assert parts.attempts() == 37

    def test_cancelled_upload_is_deleted(self, web_page: WebPage, tmp_path: Path) -> None:
        Parts(web_page)
        open_page(web_page)
        path = tmp_path / f"{uuid4().hex}.bin"
        write_sparse(path, 65 * MIB)
        web_page.page.locator("#files").set_input_files(path)
        web_page.page.wait_for_function("() => parts.held.length > 0")
        with web_page.page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
            web_page.page.get_by_role("button", name="Cancel all").click()
        assert deleted.value.status == 204
        assert web_page.client.files(q=path.name) == []

    def test_file_that_is_removed_while_its_upload_is_created_is_deleted(self, web_page: WebPage) -> None:
        open_page(web_page)
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        held: list[Route] = []
        tab.route("**/api/uploads", lambda route: held.append(route), times=1)
        with tab.expect_request("**/api/uploads"):
            tab.locator("#files").set_input_files(text_file(name))
        tab.get_by_role("button", name="Cancel all").click()
        with tab.expect_response(lambda response: response.request.method == "DELETE") as deleted:
            held[0].continue_()
        assert deleted.value.status == 204
        assert web_page.client.files(q=name) == []

    def test_file_that_is_stored_and_processed_already_is_not_waited_for(self, web_page: WebPage) -> None:
        """Its first page was closed before it knew: the change was told to nobody."""
        Parts(web_page)
        open_page(web_page)
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        tab.locator("#files").set_input_files(text_file(name))
        tab.wait_for_function("() => parts.held.length > 0")
        tab.wait_for_timeout(700)  # the browser writes what is kept twice a second
        [file] = web_page.client.files(q=name)
        tab.goto("about:blank")
        url = web_page.client.request("GET", f"/api/uploads/{file.id}").json()["upload"]
        request = urllib.request.Request(url["url"], b"hello", url["headers"], method="PUT")  # noqa: S310
        urllib.request.urlopen(request).close()  # noqa: S310
        web_page.client.wait_until_terminal(file.id)
        open_page(web_page)
        tab.get_by_text("1 ready").wait_for()

    def test_deleted_file_is_not_waited_for(self, web_page: WebPage) -> None:
        open_page(web_page)
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        waiting = {"seq": 10**9, "id": "", "type": "deleted", "status": "uploaded", "version": 9}

        def delete(route: "Route") -> None:
            route.fulfill(json=[waiting] if waiting["id"] else [])

        tab.route(re.compile("/api/changes"), delete)
        tab.locator("#files").set_input_files(text_file(name))
        tab.get_by_text("1 being processed").wait_for()
        [file] = web_page.client.files(q=name)
        waiting["id"] = file.id
        tab.get_by_text("being processed").wait_for(state="detached")

    def test_files_that_are_dropped_before_the_limits_are_known_are_uploaded(
        self, web_page: WebPage, tmp_path: Path
    ) -> None:
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        (tmp_path / name).write_text("early")
        held: list[Route] = []
        tab.route("**/api/usage", lambda route: held.append(route), times=1)
        with tab.expect_request("**/api/usage"):
            web_page.open()
        drop(web_page, tmp_path / name)
        tab.wait_for_timeout(100)
        held[0].continue_()
        tab.get_by_role("list", name="Uploaded just now").get_by_role("link", name=name).wait_for()

    def test_files_of_an_unknown_owner_are_not_kept(self, web_page: WebPage) -> None:
        """Whose they are is in the response that fails; another owner may be the next to use the browser."""
        web_page.expect_problem("status of 403")
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        refusal = {"error": "insufficient_scope", "message": "The token lacks a scope.", "requestId": "request-8"}
        tab.route("**/api/usage", lambda route: route.fulfill(status=403, json=refusal))
        Parts(web_page)
        open_page(web_page)
        tab.locator("#files").set_input_files(text_file(name))
        tab.wait_for_function("() => parts.held.length > 0")
        tab.wait_for_timeout(700)  # the browser writes what is kept twice a second
        assert tab.evaluate("Object.keys(localStorage)") == []
        assert tab.evaluate("async () => await indexedDB.databases()") == []


class TestRefusals:
    def test_changed_file_is_not_sent(self, web_page: WebPage, tmp_path: Path) -> None:
        web_page.expect_problem("ERR_UPLOAD_FILE_CHANGED")
        parts = Parts(web_page)
        open_page(web_page)
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
        open_page(web_page)
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
        tab.get_by_role("list", name="Uploaded just now").get_by_role("link", name=name).wait_for()
        assert tab.get_by_role("heading", name="1 file was not uploaded").count() == 0

    def test_limits_are_checked_before_anything_is_sent(self, web_page: WebPage) -> None:
        tab = web_page.page
        limits = {"max_file_bytes": 10, "allowed_types": ["text/*"], "denied_types": ["text/html"]}
        usage = web_page.client.request("GET", "/api/usage").json() | limits
        usage["files"]["left"] = 1
        tab.route("**/api/usage", lambda route: route.fulfill(json=usage))
        requests: list[str] = []
        tab.on("request", lambda request: requests.append(f"{request.method} {urlsplit(request.url).path}"))
        open_page(web_page)
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
        tab.get_by_role("list", name="Uploaded just now").get_by_role("link", name="first.txt").wait_for()
        assert requests.count("POST /api/uploads") == 1

        usage["files"]["left"] = 5  # as after deleting some
        tab.locator("#files").set_input_files([text_file("second.txt", b"2")])
        tab.get_by_role("list", name="Uploaded just now").get_by_role("link", name="second.txt").wait_for()


class TestAccessibility:
    def test_queue_has_no_serious_fault_and_fits_a_phone(self, web_page: WebPage) -> None:
        """With a file that is being sent, one that was refused and one that is ready, light and dark."""
        web_page.expect_problem("status of 403")
        parts = Parts(web_page)
        open_page(web_page)
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
        parts = Parts(web_page)
        open_page(web_page)
        name = f"{uuid4().hex}.txt"
        web_page.page.locator("#files").set_input_files(text_file(name))
        web_page.page.wait_for_function("() => parts.held.length > 0")
        web_page.page.evaluate(REMOVE)
        parts.let_through(10)
        assert [file.status for file in web_page.client.files(q=name)] == ["awaiting_upload"]
        web_page.page.evaluate("putBack()")
        web_page.page.get_by_role("list", name="Uploaded just now").get_by_role("link", name=name).wait_for()
        assert parts.attempts() == 1


class TestManyAndLargeFiles:
    @pytest.mark.slow(12)
    def test_page_stays_responsive_with_ten_thousand_files(self, web_page: WebPage) -> None:
        """Each task is measured by the time of the processor, as other tests may run at the same time."""
        web_page.page.add_init_script(TAKE_ALL)
        open_page(web_page)
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
        open_page(web_page)
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


def heap_bytes(tab: "Page") -> int:
    session = tab.context.new_cdp_session(tab)
    session.send("Performance.enable")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return int(metrics["JSHeapUsedSize"])


def task_seconds(trace: bytes) -> list[float]:
    """Return how long the page's tasks have used the processor."""
    events = json.loads(trace)["traceEvents"]
    [page_thread] = {
        (each["pid"], each["tid"])
        for each in events
        if each["name"] == "thread_name" and each["args"]["name"] == "CrRendererMain"
    } & {(each["pid"], each["tid"]) for each in events if each.get("tdur", 0) > 10_000}
    return [
        each.get("tdur", 0) / 1_000_000
        for each in events
        if (each["pid"], each["tid"]) == page_thread and each["name"].endswith("RunTask")
    ]


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
