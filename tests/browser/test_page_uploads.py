"""Uploads from the page at `/`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload


@pytest.fixture
def page(web_page: WebPage) -> WebPage:
    """The page at `/`, as soon as files can be uploaded from it."""
    web_page.open()
    web_page.page.locator(".uppy-Dashboard").wait_for(state="attached")
    return web_page


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


def drop(page: WebPage, *paths: Path) -> None:
    """Drop files and folders onto the list, as a file manager does."""
    session = page.page.context.new_cdp_session(page.page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    where: dict[str, Any] = {"x": 600, "y": 700, "data": data}
    for step in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": step, **where})
