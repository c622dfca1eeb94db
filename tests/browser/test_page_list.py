"""The list of files of the page at `/`."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg2
import pytest
from PIL import Image
from playwright.sync_api import expect

from chalicelib.adapters.postgres.search_columns import terms_literal
from chalicelib.core.files.search_terms import file_terms
from tests.browser.axe_check import find_faults
from tests.browser.list_steps import names, open_list, row_of, rows_of
from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from tests.acceptance.emulator_process import Emulator


class TestRows:
    def test_row_has_picture_name_size_kind_and_status(self, web_page: WebPage, prefix: str) -> None:
        content = io.BytesIO()
        Image.new("RGB", (64, 48), "red").save(content, "PNG")
        picture = web_page.client.upload(f"{prefix}.png", content.getvalue(), "image/png")
        web_page.client.wait_until_terminal(picture.id)
        open_list(web_page, f"q={prefix}")
        row = row_of(web_page.page, f"{prefix}.png")
        expect(row).to_contain_text("Image")
        expect(row).to_contain_text(f"{len(content.getvalue())} bytes")
        expect(row).to_contain_text("Ready")
        image = row.locator("fl-thumbnail img")
        image.wait_for()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
        box = row.locator("fl-thumbnail").bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (40, 40)

    def test_content_that_contradicts_the_name_is_marked(self, web_page: WebPage, prefix: str) -> None:
        file = web_page.client.upload(f"{prefix}.png", b"just text, in many words\n" * 9, "image/png")
        web_page.client.wait_until_terminal(file.id)
        open_list(web_page, f"q={prefix}")
        expect(row_of(web_page.page, prefix)).to_contain_text("Other type")


class TestSearch:
    def test_search_is_in_the_url_and_every_filter_can_be_removed(self, web_page: WebPage, prefix: str) -> None:
        client, page = web_page.client, web_page.page
        for name in ("one.txt", "two.txt"):
            client.wait_until_terminal(client.upload(f"{prefix} {name}", b"x", "text/plain").id)
        client.wait_until_terminal(client.upload(f"{prefix} three.png", b"\x89PNG\r\n\x1a\nx", "image/png").id)
        web_page.open()
        page.get_by_role("searchbox", name="Search").fill(prefix)
        expect(rows_of(page)).to_have_count(3)
        page.get_by_role("combobox", name="Status").select_option("Failed")
        expect(rows_of(page)).to_have_count(1)
        page.get_by_role("button", name="Remove the filter Failed").click()
        page.get_by_role("combobox", name="Kind").select_option("Texts and tables")
        expect(rows_of(page)).to_have_count(2)
        page.get_by_role("combobox", name="Order").select_option("By name")
        expect(rows_of(page).first).to_contain_text("one.txt")
        page.get_by_role("searchbox", name="Search").press("End")
        page.keyboard.press("Space")  # is kept: there may be another word
        page.wait_for_timeout(400)
        expect(page.get_by_role("searchbox", name="Search")).to_have_value(f"{prefix} ")
        fragment = page.evaluate("location.hash")
        assert fragment == f"#/?q={prefix}&type=text%2F*&order=name"
        web_page.open("#/administration")
        page.evaluate("fragment => { location.hash = fragment; }", fragment)
        expect(rows_of(page)).to_have_count(2)
        assert names(page) == [f"{prefix} one.txt", f"{prefix} two.txt"]
        page.get_by_role("textbox", name="Metadata").fill("order=7")
        page.keyboard.press("Enter")
        page.get_by_text("Nothing matches.").wait_for()
        page.locator("fl-file-list .empty").get_by_role("button", name="Clear filters").click()
        assert page.evaluate("location.hash") == "#/?order=name"

    def test_filters_of_metadata_and_contents(self, web_page: WebPage, prefix: str) -> None:
        client, page = web_page.client, web_page.page
        file = client.upload(f"{prefix}.txt", f"words {prefix}words".encode(), "text/plain")
        client.api.update(file.id, metadata={"order": prefix})
        client.wait_until_terminal(file.id)
        client.upload(f"{prefix} other.txt", b"x", "text/plain")
        open_list(web_page, f"q={prefix}&metadata.order={prefix}")
        assert names(page) == [f"{prefix}.txt"]
        expect(page.get_by_role("searchbox", name="Search")).to_have_value(prefix)
        page.get_by_role("button", name=f"Remove the filter order: {prefix}").click()
        expect(rows_of(page)).to_have_count(2)
        page.get_by_role("searchbox", name="Search").fill(f"{prefix}words")
        page.get_by_role("combobox", name="Where to search").select_option("in contents")
        expect(rows_of(page)).to_have_count(1)
        assert page.evaluate("location.hash") == f"#/?text={prefix}words"

    def test_error_names_the_request_and_can_be_tried_again(self, web_page: WebPage, prefix: str) -> None:
        page = web_page.page
        web_page.client.upload(f"{prefix}.txt", b"x", "text/plain")
        web_page.expect_problem("status of 503")
        body = {"error": "database_unavailable", "message": "The database is away.", "requestId": "r-1"}
        page.route("**/api/files?*", lambda route: route.fulfill(status=503, json=body), times=1)
        web_page.open(f"#/?q={prefix}")
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("The database is away. (request r-1)")
        alert.get_by_role("button", name="Try again").click()
        expect(rows_of(page)).to_have_count(1)
        expect(alert).to_have_count(0)


class TestKeyboard:
    def test_list_is_used_with_the_keyboard_alone(
        self, web_page: WebPage, prefix: str, three_files: list[str]
    ) -> None:
        page = web_page.page
        grid = open_list(web_page, f"q={prefix}&order=name")
        page.get_by_role("combobox", name="Order").focus()
        for _ in range(9):  # filters that can be removed are between
            page.keyboard.press("Tab")
            if grid.evaluate("grid => grid.getRootNode().activeElement === grid"):
                break
        page.keyboard.press("ArrowDown")
        expect(grid).to_have_attribute("aria-activedescendant", f"row-{three_files[0]}")
        page.keyboard.press("Shift+ArrowDown")
        page.get_by_text("2 selected").wait_for()
        page.keyboard.press("End")
        page.keyboard.press("Space")
        page.get_by_text("3 selected").wait_for()
        page.keyboard.press("Escape")
        page.keyboard.press("Delete")
        expect(rows_of(page)).to_have_count(2)
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        page.wait_for_function("id => location.hash.startsWith(`#/files/${id}`)", arg=three_files[0])

    def test_row_links_to_its_file(self, web_page: WebPage, prefix: str, three_files: list[str]) -> None:
        open_list(web_page, f"q={prefix}&order=name")
        link = row_of(web_page.page, "b.txt").get_by_role("link")
        assert link.get_attribute("href") == f"#/files/{three_files[1]}?q={prefix}&order=name"


class TestLook:
    def test_list_fits_every_width_and_has_no_serious_fault(
        self, web_page: WebPage, prefix: str, three_files: list[str]
    ) -> None:
        page = web_page.page
        open_list(web_page, f"q={prefix}&order=name")
        rows_of(page).nth(len(three_files) - 1).get_by_role("checkbox").click()
        for width in (1440, 768, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for shown in [*rows_of(page).all(), page.locator("fl-search-bar")]:
                box = shown.bounding_box()
                assert box is not None
                assert box["x"] + box["width"] <= width
            expect(row_of(page, "a.txt").locator(".size")).to_be_visible()
            expect(row_of(page, "a.txt").locator(".status")).to_be_visible()
        assert find_faults(page) == []
        page.set_viewport_size({"width": 1440, "height": 800})
        page.emulate_media(color_scheme="dark")
        assert find_faults(page) == []


MANY = 100_000
OWNER = "owner of many"
WANTED = 12345
ADD_FILES = """
INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at, processed_at, mismatch, search_name,
    search_terms)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(owner)s, name, 'uploads/' || name, n,
    'processed', '2020-01-01'::timestamptz + n * interval '1 s', now(), false, name,
    CASE WHEN n = %(wanted)s THEN %(terms)s::integer[] ELSE '{}' END
FROM generate_series(1, %(count)s) AS n, format('%%s %%s.txt', %(prefix)s, lpad(n::text, 6, '0')) AS name
"""
"""Every column grows, and only the file that is searched for has terms, which makes it several times as fast."""


@pytest.fixture
def many_files(service_emulator: "Emulator", prefix: str) -> Iterator[int]:
    """100,000 files that were uploaded before all others."""
    terms = terms_literal(file_terms(OWNER, f"{prefix} {WANTED:06}.txt", "text/plain"))
    values = {"owner": OWNER, "prefix": prefix, "count": MANY, "wanted": WANTED, "terms": terms}
    connection = psycopg2.connect(service_emulator.database_url())
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # without triggers
        cursor.execute(ADD_FILES, values)
        cursor.execute("ANALYZE files")
        yield MANY
        cursor.execute("DELETE FROM files WHERE owner = %s", (OWNER,))
    connection.close()


class TestManyFiles:
    def test_hundred_thousand_files_are_scrolled_and_searched(
        self, web_page: WebPage, prefix: str, many_files: int
    ) -> None:
        page = web_page.page
        grid = open_list(web_page, "order=uploaded_at")
        assert names(page)[0] == f"{prefix} 000001.txt"
        loaded = 0
        for _ in range(6):
            grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
            page.wait_for_function(
                "([grid, loaded]) => grid.scrollHeight > loaded", arg=[grid.element_handle(), loaded]
            )
            loaded = grid.evaluate("grid => grid.scrollHeight")
        assert rows_of(page).count() < 60
        assert loaded > 1000 * 52
        assert grid.get_attribute("aria-rowcount") == "-1"
        page.get_by_role("searchbox", name="Search").fill(f"{prefix} {WANTED:06}")
        expect(rows_of(page)).to_have_count(1)
        assert names(page) == [f"{prefix} {WANTED:06}.txt"]
        assert many_files == MANY
