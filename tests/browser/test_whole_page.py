"""The page at `/` as a whole: each view at each width, light and dark, and by the keyboard alone.

`make pictures` runs it alone, and writes the pictures that the documentation shows.
"""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.axe_check import find_faults
from tests.browser.picture_files import sample_files
from tests.browser.upload_steps import open_uploader, text_file
from tests.browser.web_page import WebPage
from tests.pages.console_commands import PROJECT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

IMAGES = PROJECT / "docs" / "images"
IS_RECORDING = bool(os.environ.get("RECORD_PICTURES"))
WIDTHS = {320: 640, 768: 900, 1440: 900}
"""And heights, in CSS pixels."""

OVERFLOWING = """
() => document.documentElement.scrollWidth - document.documentElement.clientWidth
"""


def record(page: "Page", name: str) -> None:
    """Write what the page shows into docs/images, if it is asked for."""
    if IS_RECORDING:
        page.wait_for_timeout(500)  # for thumbnails and previews
        picture = Image.open(io.BytesIO(page.screenshot()))
        picture.convert("RGB").save(Path(IMAGES, f"page-{name}.webp"), quality=80, method=6)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_fits_and_has_no_serious_fault(web_page: WebPage, scheme: Literal["light", "dark"]) -> None:
    page, client = web_page.page, web_page.client
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if IS_RECORDING and not client.files():
        for each, content in sample_files().items():
            client.wait_until_terminal(client.upload(each, content).id)
    name = f"{uuid4().hex}.txt"
    file = client.upload(name, b"Some text.\n")
    client.wait_until_terminal(file.id)
    shown = client.files(q="evening")[0] if IS_RECORDING else file
    if IS_RECORDING:
        client.delete(file.id)
    search = "" if IS_RECORDING else f"?q={name}"
    views = {
        "list": (f"#/{search}", page.locator("fl-file-list [role=row]").first),
        "empty": (f"#/?q={uuid4().hex[:8]}", page.get_by_text("Nothing matches.")),
        "panel": (f"#/files/{shown.id}{search}", page.get_by_role("region", name=f"File {shown.name}")),
        "administration": ("#/administration", page.get_by_role("heading", name="Files by status")),
    }
    for view, (fragment, sign) in views.items():
        web_page.open(fragment)
        sign.wait_for(state="attached")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            record(page, f"{view}-{width}-{scheme}")
            assert page.evaluate(OVERFLOWING) == 0, (view, width)
        assert find_faults(page) == [], view


def press_until_focused(page: "Page", target: "Locator", key: str = "Tab", limit: int = 60) -> None:
    """Press the key until the element has the focus."""
    for _ in range(limit):
        page.keyboard.press(key)
        if target.evaluate("element => element.matches(':focus')"):
            return
    raise AssertionError(f"{target} is not reached by {key}")


def test_keyboard_alone_uploads_renames_and_deletes(web_page: WebPage) -> None:
    name, new_name = f"{uuid4().hex}.txt", f"{uuid4().hex}.txt"
    page = web_page.page
    page.set_default_timeout(15_000)
    open_uploader(web_page)
    choose = page.locator("fl-upload-area .zone").get_by_role("button", name="Choose files")
    press_until_focused(page, choose)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(text_file(name))
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Ready")
    press_until_focused(page, page.get_by_role("grid"))
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    panel = page.get_by_role("region", name=f"File {name}")
    panel.wait_for()
    press_until_focused(page, panel.get_by_role("button", name="Rename"))
    page.keyboard.press("Enter")
    panel.get_by_role("textbox").first.wait_for()
    page.keyboard.press("Control+A")
    page.keyboard.type(new_name)
    page.keyboard.press("Enter")
    renamed = page.get_by_role("region", name=f"File {new_name}")
    renamed.wait_for()
    press_until_focused(page, renamed.get_by_role("button", name="Delete"))
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo")
    undo.wait_for()
    press_until_focused(page, undo)
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text=new_name)
    row.wait_for()
    [stored] = web_page.client.files(q=new_name)
    assert stored.status == "processed"
