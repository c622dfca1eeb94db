"""A file's panel in the page at `/`."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import pytest

from file_loader_client import File
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.browser.axe_check import find_faults
from tests.browser.web_page import WebPage
from tests.processors import sample_files

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

ATTACK = '<img src=x onerror="window.attacked = true"><script>window.attacked = true</script>'
TABLE = b"id;name;price\n" + b"".join(b"%d;Article %d;%d,50\n" % (n, n, n) for n in range(150))
JSON = b'{"big": 12345678901234567890, "list": [1, {"inner": "found"}], "text": "<b>bold</b>"}'

BOXES = "panel => [panel, panel.closest('main')].map(each => each.getBoundingClientRect().toJSON())"
"""Of the panel, and of the part of the page that it is in."""

SAMPLES: dict[str, Callable[[], bytes]] = {
    "photo.jpg": lambda: sample_files.make_image("JPEG", (80, 60)),
    "report.pdf": sample_files.make_pdf,
    "notes.txt": lambda: "Grüße aus Köln\n".encode("cp1252") * 50,
    "table.csv": lambda: TABLE,
    "data.json": lambda: JSON,
    "film.mp4": lambda: sample_files.make_video("mp4"),
    "sound.wav": lambda: sample_files.make_audio("wav", "pcm_s16le"),
    "mail.eml": sample_files.make_mail,
    "long.txt": lambda: b"0123456789abcde\n" * 20_000,
    "lines.ndjson": lambda: b'{"a": 1}\n{"b": 2}\n',
    "empty.txt": lambda: b"",
    "broken.png": lambda: sample_files.make_image("PNG")[:20],
    "picture.png": lambda: f"<!DOCTYPE html><html><body>{ATTACK}</body></html>".encode(),
    "drawing.svg": lambda: (
        f'<svg xmlns="http://www.w3.org/2000/svg" onload="top.attacked = 1">{ATTACK}</svg>'.encode()
    ),
    "attack.csv": lambda: f"name,value\n{ATTACK},=cmd()\n".encode(),
    "attack.json": lambda: b'{"<script>": "<img src=x onerror=alert(1)>", "__proto__": {"a": 1}}',
    f"{ATTACK.replace('/', '')}.txt": lambda: ATTACK.encode(),
}


@pytest.fixture(scope="module")
def files(service_emulator: Emulator) -> Iterator[dict[str, File]]:
    """The samples by name, processed."""
    client = Client(service_emulator.url)
    uploaded = {name: client.upload(name, make()) for name, make in SAMPLES.items()}
    yield {name: client.wait_until_terminal(file.id) for name, file in uploaded.items()}
    for file in uploaded.values():
        client.delete(file.id)


@pytest.fixture
def panel(web_page: WebPage) -> "Locator":
    return web_page.page.locator("fl-file-panel")


def show(web_page: WebPage, file: File) -> "Locator":
    """Open the file's panel, and wait until it is loaded."""
    web_page.open(f"#/files/{file.id}")
    panel = web_page.page.get_by_role("region", name=f"File {file.name}", exact=True)
    panel.get_by_role("heading", name="What happened").wait_for()
    return panel


def fact(panel: "Locator", label: str) -> str:
    """Return the value beside a label."""
    return panel.locator(f'dl > div:has(> dt:text-is("{label}")) > dd').first.inner_text()


class TestPreviews:
    def test_pictures_are_shown(self, web_page: WebPage, files: dict[str, File]) -> None:
        for name, text in (("photo.jpg", "Picture of photo.jpg"), ("report.pdf", "First page of report.pdf")):
            image = show(web_page, files[name]).get_by_role("img", name=text)
            image.wait_for()
            assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") >= 80

    def test_texts_are_decoded_and_cut(self, web_page: WebPage, files: dict[str, File]) -> None:
        show(web_page, files["notes.txt"]).get_by_text("Grüße aus Köln").first.wait_for()
        panel = show(web_page, files["long.txt"])
        panel.get_by_text("Only the first 262.1 kB are shown.").wait_for()
        assert len(panel.locator("pre").inner_text()) == 256 * 1024
        show(web_page, files["empty.txt"]).get_by_text("The file is empty.").wait_for()

    def test_a_table_has_its_header_and_first_rows(self, web_page: WebPage, files: dict[str, File]) -> None:
        panel = show(web_page, files["table.csv"])
        panel.get_by_role("columnheader").first.wait_for()
        assert panel.get_by_role("columnheader").all_inner_texts() == ["id", "name", "price"]
        assert panel.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts() == ["0", "Article 0", "0,50"]
        assert panel.get_by_role("row").count() == 101
        assert panel.get_by_text("Only the first 100 rows are shown.").is_visible()

    def test_json_is_a_tree_with_all_digits(self, web_page: WebPage, files: dict[str, File]) -> None:
        tree = show(web_page, files["data.json"]).locator("fl-preview")
        tree.get_by_text("12345678901234567890").wait_for()
        assert tree.get_by_text("found").count() == 0
        tree.get_by_text("list: [2]").click()
        tree.get_by_text("1: {1}").click()
        tree.get_by_text("found").wait_for()
        show(web_page, files["lines.ndjson"]).get_by_text("[2]").wait_for()

    def test_sounds_and_films_are_played_from_the_storage(self, web_page: WebPage, files: dict[str, File]) -> None:
        for name, element in (("film.mp4", "video"), ("sound.wav", "audio")):
            player = show(web_page, files[name]).locator(element)
            player.evaluate("player => player.readyState || new Promise(done => player.onloadedmetadata = done)")
            assert player.evaluate("player => player.duration") == pytest.approx(2, abs=0.1)
            assert (player.get_attribute("src") or "").startswith(web_page.emulator.aws_url)

    def test_a_player_whose_url_has_expired_gets_another_one(
        self, web_page: WebPage, files: dict[str, File]
    ) -> None:
        web_page.expect_problem("ERR_FAILED")
        player = show(web_page, files["sound.wav"]).locator("audio")
        player.evaluate("player => player.readyState || new Promise(done => player.onloadedmetadata = done)")
        player.evaluate("player => { player.currentTime = 1; }")
        url = player.get_attribute("src")
        web_page.page.wait_for_timeout(1100)  # a URL that is made in the same second is the same
        player.dispatch_event("error")
        web_page.page.wait_for_function(
            "([player, url]) => player.src !== url", arg=[player.element_handle(), url]
        )
        player.evaluate("player => player.currentTime || new Promise(done => player.onseeked = done)")
        assert player.evaluate("player => player.currentTime") == 1
        web_page.page.route(re.compile("sound.wav"), lambda route: route.abort())
        player.evaluate("player => player.load()")
        web_page.page.get_by_text("This browser can't play it.").wait_for()

    def test_nothing_in_a_file_or_its_name_runs(self, web_page: WebPage, files: dict[str, File]) -> None:
        for name in ("picture.png", "drawing.svg", "attack.csv", "attack.json", list(SAMPLES)[-1]):
            panel = show(web_page, files[name])
            panel.locator("fl-preview").get_by_text("<").first.wait_for()
            assert panel.locator("fl-preview").locator("img, svg, script, iframe, object, embed").count() == 0
            assert web_page.page.evaluate("window.attacked") is None


class TestFacts:
    def test_facts_are_in_words(self, web_page: WebPage, files: dict[str, File]) -> None:
        panel = show(web_page, files["film.mp4"])
        assert fact(panel, "Duration") == "2 s"
        assert "160 × 90 pixels" in fact(panel, "Tracks")
        panel = show(web_page, files["report.pdf"])
        assert (fact(panel, "Pages"), fact(panel, "Dimensions")) == ("3", "210 × 297 mm")
        assert fact(panel, "Author") == "Ada Lovelace"
        panel = show(web_page, files["mail.eml"])
        assert fact(panel, "Attachments") == "a.csv (text/csv, 8 bytes)"
        panel = show(web_page, files["table.csv"])
        assert fact(panel, "Delimiter") == "Semicolon"
        assert fact(panel, "Size") == f"{len(TABLE) / 1000:.1f} kB ({len(TABLE):,} bytes)"
        assert panel.get_by_text("Processing ended: the file is ready.").is_visible()

    def test_what_a_later_version_finds_is_shown_by_its_name(
        self, web_page: WebPage, files: dict[str, File]
    ) -> None:
        """Of processors, statuses and entries that this page doesn't know."""

        def change(route: "Route") -> None:
            file = route.fetch().json()
            facts = {"new_fact": True, "parts": [{"name": "a", "size": 2000}, 1, [2]], "inner": {"deep": {"x": 1}}}
            route.fulfill(json={**file, "status": "paused", "result": {"future": facts}})

        def change_timeline(route: "Route") -> None:
            route.fulfill(json=[{"at": "2026-11-23T16:00:00.036Z", "type": "paused", "status": "paused"}])

        file = files["photo.jpg"]
        web_page.page.route(f"**/api/files/{file.id}", change)
        web_page.page.route(f"**/api/files/{file.id}/timeline", change_timeline)
        panel = show(web_page, file)
        assert fact(panel, "New fact") == "Yes"
        assert fact(panel, "Parts").split("\n") == ["a (2 kB)", "1", "2"]
        assert fact(panel, "X") == "1"
        assert panel.get_by_role("listitem").get_by_text("paused").is_visible()

    def test_a_mismatch_is_a_warning(self, web_page: WebPage, files: dict[str, File]) -> None:
        panel = show(web_page, files["picture.png"])
        warning = panel.locator(".warning")
        assert "Web page (text/html)" in warning.inner_text()
        assert "Image (image/png)" in warning.inner_text()
        assert show(web_page, files["photo.jpg"]).locator(".warning").count() == 0

    def test_the_checksum_is_copied(self, web_page: WebPage, files: dict[str, File]) -> None:
        web_page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        panel = show(web_page, files["photo.jpg"])
        panel.get_by_role("button", name="Copy the checksum").click()
        web_page.page.get_by_text("The checksum is copied.").wait_for()
        checksum = files["photo.jpg"].checksum
        assert checksum is not None
        assert web_page.page.evaluate("navigator.clipboard.readText()") == checksum.value
        panel.get_by_role("button", name="Copy the link").click()
        web_page.page.get_by_text("The link is copied.").wait_for()
        assert web_page.page.evaluate("navigator.clipboard.readText()") == web_page.page.url

    def test_an_unknown_link_says_so(self, web_page: WebPage) -> None:
        web_page.expect_problem("status of 40[04]")
        for file_id in ("01930000-0000-7000-8000-000000000000", "nonsense"):
            web_page.open(f"#/files/{file_id}")
            web_page.page.get_by_text("There is no file with this link.").wait_for()


class TestActions:
    def test_a_failed_file_says_why_and_is_processed_again(
        self, web_page: WebPage, files: dict[str, File]
    ) -> None:
        panel = show(web_page, files["broken.png"])
        assert panel.get_by_text("its header is damaged").is_visible()
        assert panel.get_by_text("Code: unreadable_image").is_visible()
        panel.locator(".failure").get_by_role("button", name="Process again").click()
        panel.get_by_text("It was queued to be processed again.").wait_for()
        assert web_page.client.file(files["broken.png"].id).status in {"uploaded", "processing"}

    def test_a_file_is_downloaded_under_its_name(self, web_page: WebPage, files: dict[str, File]) -> None:
        """Also a picture, which the browser could show in place of the page."""
        panel = show(web_page, files["photo.jpg"])
        with web_page.page.expect_download() as saved:
            panel.get_by_role("button", name="Download").click()
        assert saved.value.suggested_filename == "photo.jpg"
        assert saved.value.path().read_bytes() == SAMPLES["photo.jpg"]()
        assert panel.is_visible()

    def test_an_error_of_the_storage_does_not_replace_the_page(
        self, web_page: WebPage, files: dict[str, File]
    ) -> None:
        web_page.expect_problem("status of 403")
        panel = show(web_page, files["mail.eml"])
        web_page.page.route(
            f"{web_page.emulator.aws_url}/**",
            lambda route: route.fulfill(
                status=403, body="<Error><Code>AccessDenied</Code></Error>", content_type="application/xml"
            ),
        )
        panel.get_by_role("button", name="Download").click()
        web_page.page.get_by_text("It can't be downloaded. 403").first.wait_for()
        assert panel.is_visible()

    def test_an_empty_file_is_downloaded(self, web_page: WebPage, files: dict[str, File]) -> None:
        web_page.expect_problem("status of 416")  # it has no first byte
        panel = show(web_page, files["empty.txt"])
        with web_page.page.expect_download() as saved:
            panel.get_by_role("button", name="Download").click()
        assert saved.value.path().read_bytes() == b""

    def test_a_file_is_renamed(self, web_page: WebPage) -> None:
        web_page.expect_problem("status of 400")
        file = web_page.client.upload("before.txt", b"x")
        panel = show(web_page, file)
        panel.get_by_role("button", name="Rename").click()
        field = panel.get_by_label("Name", exact=True)
        assert field.evaluate("field => field.value.slice(field.selectionStart, field.selectionEnd)") == "before"
        field.fill("..")
        field.press("Enter")
        panel.get_by_text("It can't be renamed. The file name is invalid").wait_for()
        field.fill("after.txt")
        field.press("Enter")
        renamed = web_page.page.get_by_role("region", name="File after.txt")
        renamed.get_by_role("heading", name="after.txt").wait_for()
        assert web_page.client.file(file.id).name == "after.txt"
        renamed.get_by_role("button", name="Rename").click()
        renamed.get_by_label("Name", exact=True).press("Escape")
        assert renamed.get_by_role("button", name="Rename").is_visible()
        web_page.client.delete(file.id)

    def test_metadata_is_changed(self, web_page: WebPage) -> None:
        web_page.expect_problem("status of 422")
        file = web_page.client.upload("a.txt", b"x")
        panel = show(web_page, file)
        panel.get_by_role("button", name="Edit the metadata").click()
        panel.get_by_label("Key 1").fill("album 1")
        panel.get_by_label("Value 1").fill("Norway")
        panel.get_by_role("button", name="Save").click()
        panel.get_by_text("It can't be saved. The metadata is invalid").wait_for()
        panel.get_by_label("Key 1").fill("album")
        panel.get_by_role("button", name="Add an entry").click()
        web_page.page.keyboard.type("order")
        panel.get_by_label("Value 2").fill("7")
        panel.get_by_role("button", name="Save").click()
        panel.get_by_role("button", name="Edit the metadata").wait_for()
        assert (fact(panel, "album"), fact(panel, "order")) == ("Norway", "7")
        assert web_page.client.file(file.id).metadata == {"album": "Norway", "order": "7"}
        web_page.client.delete(file.id)

    def test_a_deleted_file_comes_back_when_that_is_undone(self, web_page: WebPage) -> None:
        file = web_page.client.upload("maybe.txt", b"x")
        page = web_page.page
        show(web_page, file).get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Undo").click()
        page.locator("fl-file-list").get_by_text("maybe.txt").first.wait_for()
        show(web_page, file).get_by_role("button", name="Delete").click()
        page.get_by_role("button", name="Close", exact=True).click()
        page.locator("fl-file-list").get_by_text("maybe.txt").first.wait_for(state="detached")
        wait_until_deleted(web_page, file)

    def test_changes_from_elsewhere_are_shown(self, web_page: WebPage) -> None:
        web_page.expect_problem("status of 404")  # if it is deleted before its new name is read
        file = web_page.client.upload("first.txt", b"x")
        panel = show(web_page, file)
        web_page.client.rename(file.id, "second.txt")
        web_page.page.get_by_role("heading", name="second.txt").wait_for()
        web_page.client.delete(file.id)
        web_page.page.get_by_text("This file has been deleted.").wait_for()
        assert panel.get_by_role("button", name="Download").count() == 0


class TestFocus:
    @pytest.mark.usefixtures("files")
    def test_escape_leads_back_to_the_row(self, web_page: WebPage) -> None:
        web_page.open("#/?q=photo.jpg")
        page = web_page.page
        page.locator("fl-file-list").get_by_role("link", name="photo.jpg").first.focus()
        page.keyboard.press("Enter")
        page.get_by_role("region", name="File photo.jpg").wait_for()
        assert focused(page) == "H2"
        page.keyboard.press("Escape")
        page.get_by_role("region", name="File photo.jpg").wait_for(state="hidden")
        assert "photo.jpg" in page.evaluate(FOCUSED_TEXT)
        assert page.url.endswith("#/?q=photo.jpg")

    def test_a_narrow_panel_covers_the_list(self, web_page: WebPage, files: dict[str, File]) -> None:
        page = web_page.page
        page.set_viewport_size({"width": 320, "height": 640})
        panel = show(web_page, files["photo.jpg"])
        box, main = panel.evaluate(BOXES)  # at once: the header becomes higher when the caller is known
        assert box == main
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        assert page.locator("fl-file-list").get_attribute("inert") == ""
        panel.get_by_role("button", name="Close the file").click()
        page.locator("fl-file-list:not([inert])").wait_for()

    def test_axe_finds_no_serious_fault(self, web_page: WebPage, files: dict[str, File]) -> None:
        shown: list[tuple[Literal["light", "dark"], str]] = [("light", "broken.png"), ("dark", "attack.csv")]
        for scheme, name in shown:
            web_page.page.emulate_media(color_scheme=scheme)
            panel = show(web_page, files[name])
            panel.get_by_role("button", name="Rename").click()
            panel.get_by_role("button", name="Edit the metadata").click()
            assert find_faults(web_page.page) == []
            panel.get_by_role("button", name="Cancel").first.click()
        panel = show(web_page, files["data.json"])
        panel.get_by_text("list: [2]").wait_for()
        assert find_faults(web_page.page) == []


FOCUSED = """
() => {
    let element = document.activeElement;
    while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
}
"""
FOCUSED_TEXT = f"() => ({FOCUSED})().textContent"


def focused(page: "Page") -> str:
    """Return the name of the element that has the focus."""
    name: str = page.evaluate(f"() => ({FOCUSED})().tagName")
    return name


def wait_until_deleted(web_page: WebPage, file: File) -> None:
    path = f"{web_page.emulator.url}/api/files/{file.id}"
    web_page.expect_problem("status of 404")
    web_page.page.wait_for_function("path => fetch(path).then(response => response.status === 404)", arg=path)
