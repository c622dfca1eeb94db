"""Uploads from the page at `/` that are paused, reloaded, offline, cancelled or deleted meanwhile."""

import re
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import requests

from tests.browser.held_parts import HeldParts
from tests.browser.upload_steps import MIB, drop, open_uploader, text_file, write_sparse
from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Route

WATCH_PROGRESS = """
window.shownBytes = [];
setInterval(() => {
    const app = document.querySelector("fl-app")?.shadowRoot;
    const bar = app?.querySelector("fl-upload-area")?.shadowRoot?.querySelector("progress");
    if (bar) shownBytes.push(bar.value);
}, 50);
"""


class TestLargeFile:
    @pytest.mark.slow(10)
    def test_each_part_is_sent_once_although_it_is_paused_reloaded_and_offline(
        self, web_page: WebPage, tmp_path: Path
    ) -> None:
        web_page.expect_problem("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
        path = tmp_path / f"{uuid4().hex}.bin"
        write_sparse(path, 200 * MIB)
        parts = HeldParts(web_page)
        open_uploader(web_page)
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
        web_page.uploaded(path.name).wait_for()

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
        parts = HeldParts(web_page)
        open_uploader(web_page)
        path = tmp_path / f"{uuid4().hex}.bin"
        write_sparse(path, 65 * MIB)
        parts.fail_next(0, 503, 403)  # 403: a URL that has expired
        parts.let_through(100)
        web_page.page.locator("#files").set_input_files(path)
        web_page.uploaded(path.name).wait_for()
        assert sorted(parts.sent) == [1, 2, 3, 4, 5]
        assert parts.attempts() == 8
        shown = web_page.page.evaluate("shownBytes")
        assert len(shown) > 1
        assert shown == sorted(shown)

    def test_small_file_goes_on_by_itself_after_a_reload(self, web_page: WebPage) -> None:
        """Its bytes are kept in the browser. It is one file, and not a second one."""
        parts = HeldParts(web_page)
        open_uploader(web_page)
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
        web_page.uploaded(name).wait_for()
        tab.reload()
        assert dialogs == ["beforeunload"]  # not while it was paused, and not after it
        [file] = web_page.client.files(q=name)
        assert file.size == 5

    def test_files_that_waited_are_named_after_a_reload_and_none_is_sent_twice(
        self, web_page: WebPage, tmp_path: Path
    ) -> None:
        """The browser keeps those that Uppy has. The others have to be chosen again."""
        parts = HeldParts(web_page)
        open_uploader(web_page)
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
        HeldParts(web_page)
        open_uploader(web_page)
        path = tmp_path / f"{uuid4().hex}.bin"
        write_sparse(path, 65 * MIB)
        web_page.page.locator("#files").set_input_files(path)
        web_page.page.wait_for_function("() => parts.held.length > 0")
        with web_page.page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
            web_page.page.get_by_role("button", name="Cancel all").click()
        assert deleted.value.status == 204
        assert web_page.client.files(q=path.name) == []

    def test_file_that_is_removed_while_its_upload_is_created_is_deleted(self, web_page: WebPage) -> None:
        open_uploader(web_page)
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
        """Its page was closed before, and no other one has read the change."""
        HeldParts(web_page)
        open_uploader(web_page)
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        tab.locator("#files").set_input_files(text_file(name))
        tab.wait_for_function("() => parts.held.length > 0")
        tab.wait_for_timeout(700)  # the browser writes what is kept twice a second
        [file] = web_page.client.files(q=name)
        tab.goto("about:blank")
        upload = web_page.client.request("GET", f"/api/uploads/{file.id}").json()["upload"]
        requests.put(upload["url"], b"hello", headers=upload["headers"], timeout=30).raise_for_status()
        web_page.client.wait_until_terminal(file.id)
        open_uploader(web_page)
        tab.get_by_text("1 ready").wait_for()

    def test_deleted_file_is_not_waited_for(self, web_page: WebPage) -> None:
        open_uploader(web_page)
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
        web_page.uploaded(name).wait_for()

    def test_files_of_an_unknown_owner_are_not_kept(self, web_page: WebPage) -> None:
        """Whose they are is in the response that fails; another owner may be the next to use the browser."""
        web_page.expect_problem("status of 403")
        tab, name = web_page.page, f"{uuid4().hex}.txt"
        refusal = {"error": "insufficient_scope", "message": "The token lacks a scope.", "requestId": "request-8"}
        tab.route("**/api/usage", lambda route: route.fulfill(status=403, json=refusal))
        HeldParts(web_page)
        open_uploader(web_page)
        tab.locator("#files").set_input_files(text_file(name))
        tab.wait_for_function("() => parts.held.length > 0")
        tab.wait_for_timeout(700)  # the browser writes what is kept twice a second
        assert tab.evaluate("Object.keys(localStorage)") == []
        assert tab.evaluate("async () => await indexedDB.databases()") == []
