"""The list of files of the page at `/`."""

import io
import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg2
import pytest
from PIL import Image
from playwright.sync_api import expect

from chalicelib.adapters.postgres.search_columns import terms_literal
from chalicelib.core.files.search_terms import file_terms
from tests.acceptance.client import Client
from tests.browser.axe_check import find_faults
from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Route

    from tests.acceptance.emulator_process import Emulator, ProtectedEmulator


@pytest.fixture
def prefix() -> str:
    """What the names of the test's files begin with: other tests have files in the same list."""
    return uuid4().hex[:12]


def open_list(web_page: WebPage, query: str) -> "Locator":
    """Show the files of a search, and return the list."""
    web_page.open(f"#/?{query}")
    grid = web_page.page.get_by_role("grid", name="Files")
    grid.wait_for()
    return grid


def rows_of(page: "Page") -> "Locator":
    return page.locator("fl-file-list .row")


def names(page: "Page") -> list[str]:
    return page.locator("fl-file-list .row .name a").all_inner_texts()


def row_of(page: "Page", name: str) -> "Locator":
    return rows_of(page).filter(has_text=name)


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds. Fails after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def wait_until_page(page: "Page", condition: Callable[[], bool]) -> None:
    """Return when the condition holds, which the page's requests change. Fails after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        page.wait_for_timeout(50)


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


class TestLiveChanges:
    def test_what_another_client_does_appears(self, web_page: WebPage, prefix: str) -> None:
        """New files, new names and statuses, and deletions."""
        client, page = web_page.client, web_page.page
        first = client.upload(f"{prefix} first.txt", b"1", "text/plain")
        open_list(web_page, f"q={prefix}")
        expect(row_of(page, "first.txt")).to_contain_text("Ready")
        second = client.upload(f"{prefix} second.txt", b"2", "text/plain")
        expect(row_of(page, "second.txt")).to_contain_text("Ready")
        assert names(page) == [f"{prefix} second.txt", f"{prefix} first.txt"]
        client.rename(first.id, f"{prefix} renamed.txt")
        expect(row_of(page, "renamed.txt")).to_have_count(1)
        client.delete(second.id)
        expect(rows_of(page)).to_have_count(1)

    def test_list_goes_on_after_a_lost_connection(self, web_page: WebPage, prefix: str) -> None:
        client, page = web_page.client, web_page.page
        client.upload(f"{prefix} first.txt", b"1", "text/plain")
        open_list(web_page, f"q={prefix}")
        page.get_by_role("button", name="Choose files").wait_for()  # which is loaded later
        web_page.expect_problem("ERR_INTERNET_DISCONNECTED")
        page.context.set_offline(offline=True)
        page.get_by_text("The connection is lost").wait_for()
        client.upload(f"{prefix} second.txt", b"2", "text/plain")
        page.context.set_offline(offline=False)
        expect(row_of(page, "second.txt")).to_contain_text("Ready")
        expect(page.get_by_text("The connection is lost")).to_have_count(0)

    def test_nothing_is_missed_between_the_list_and_the_feed(self, web_page: WebPage, prefix: str) -> None:
        """A file that is uploaded after the list was read, and before the feed's end is known."""
        client = web_page.client
        client.wait_until_terminal(client.upload(f"{prefix} first.txt", b"1", "text/plain").id)

        def upload_first(route: "object") -> None:
            expect(rows_of(web_page.page)).to_have_count(1)
            client.wait_until_terminal(client.upload(f"{prefix} second.txt", b"2", "text/plain").id)
            route.continue_()  # type: ignore[attr-defined]

        web_page.page.route(re.compile(r"/api/changes\?newest"), upload_first, times=1)
        open_list(web_page, f"q={prefix}")
        expect(row_of(web_page.page, "second.txt")).to_have_count(1)

    def test_file_whose_deletion_was_not_told_disappears(self, web_page: WebPage, prefix: str) -> None:
        """The feed skips changes where there are too many; rows are read again then."""
        client, page = web_page.client, web_page.page
        file = client.upload(f"{prefix} gone.txt", b"1", "text/plain")
        client.upload(f"{prefix} kept.txt", b"2", "text/plain")
        changes: list[dict[str, object]] = []
        page.route(re.compile("/api/changes"), lambda route: route.fulfill(json=changes))
        open_list(web_page, f"q={prefix}")
        expect(rows_of(page)).to_have_count(2)
        web_page.expect_problem("status of 404")
        client.delete(file.id)
        changes.append({"seq": 1, "id": file.id, "type": "renamed", "status": "processed", "version": 99})
        expect(rows_of(page)).to_have_count(1)

    def test_file_appears_with_the_status_that_is_searched_for(self, web_page: WebPage, prefix: str) -> None:
        client, page = web_page.client, web_page.page
        file = client.wait_until_terminal(client.upload(f"{prefix}.txt", b"1", "text/plain").id)
        changes: list[dict[str, object]] = []
        page.route(re.compile("/api/changes"), lambda route: route.fulfill(json=changes))
        page.route(
            re.compile(r"/api/files\?"),
            lambda route: route.continue_() if changes else route.fulfill(json=[]),
        )
        web_page.open(f"#/?q={prefix}&status=processed")
        page.get_by_text("Nothing matches.").wait_for()
        page.wait_for_timeout(500)  # the list is read once more where the feed has begun after it
        changes.append({"seq": 1, "id": file.id, "type": "retried", "status": "processed", "version": 99})
        expect(rows_of(page)).to_have_count(1)

    def test_list_that_begins_anew_has_no_gap(self, web_page: WebPage, prefix: str) -> None:
        """Its next page was asked for before, and comes after it."""
        client, page = web_page.client, web_page.page
        one = client.request("GET", f"/api/files/{client.upload(prefix, b'1').id}").json()
        pages = {
            "first": [{**one, "id": f"first-{number}"} for number in range(60)],
            "head": [{**one, "id": f"head-{number}"} for number in range(60)],
            "held": [{**one, "id": f"held-{number}"} for number in range(10)],
            "after": [{**one, "id": "after"}],
        }
        next_page = {"first": "held", "head": "after"}
        held: list[Route] = []
        changes: list[dict[str, object]] = []

        def respond(route: "Route", shown: str) -> None:
            follows = next_page.get(shown)
            link = {"Link": f'</api/files/?cursor={follows}>; rel="next"'} if follows else {}
            route.fulfill(json=pages[shown], headers=link)

        def route_list(route: "Route") -> None:
            cursor = re.search(r"cursor=(\w+)", route.request.url)
            if cursor and cursor[1] == "held":
                held.append(route)
            else:
                respond(route, cursor[1] if cursor else "head" if held else "first")

        page.route(re.compile("/api/changes"), lambda route: route.fulfill(json=changes))
        page.route(re.compile(r"/api/files/?\?"), route_list)
        grid = open_list(web_page, "order=name")
        wait_until_page(page, lambda: len(held) == 1)
        changes.append({"seq": 1, "id": "new", "type": "announced", "status": "uploaded", "version": 1})
        expect(rows_of(page).first).to_have_id("row-head-0")
        respond(held[0], "held")
        expect(grid).to_have_attribute("aria-rowcount", "62")


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


@pytest.fixture
def three_files(web_page: WebPage, prefix: str) -> list[str]:
    """The ids of three files, `a`, `b` and `c`, that a list by name shows."""
    ids = [web_page.client.upload(f"{prefix} {each}.txt", b"x", "text/plain").id for each in "abc"]
    for file_id in ids:
        web_page.client.wait_until_terminal(file_id)
    return ids


class TestSelection:
    def test_deletion_can_be_undone(self, web_page: WebPage, prefix: str, three_files: list[str]) -> None:
        page = web_page.page
        open_list(web_page, f"q={prefix}&order=name")
        rows_of(page).nth(0).get_by_role("checkbox").click()
        rows_of(page).nth(2).get_by_role("checkbox").click(modifiers=["Shift"])
        page.get_by_text("3 selected").wait_for()
        rows_of(page).nth(1).get_by_role("checkbox").click()
        toolbar = page.get_by_role("toolbar", name="Selected files")
        toolbar.get_by_role("button", name="Delete").click()
        expect(rows_of(page)).to_have_count(1)
        page.get_by_role("button", name="Undo").click()
        expect(rows_of(page)).to_have_count(3)
        assert len(list(web_page.client.files(q=prefix))) == len(three_files)
        rows_of(page).nth(0).get_by_role("checkbox").click()
        toolbar.get_by_role("button", name="Delete").click()
        with page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
            page.locator("fl-toasts").get_by_role("button", name="Close").last.click()
        assert deleted.value.status == 204
        assert len(list(web_page.client.files(q=prefix))) == len(three_files) - 1

    def test_deletion_is_sent_when_the_page_is_left(
        self, web_page: WebPage, prefix: str, three_files: list[str]
    ) -> None:
        open_list(web_page, f"q={prefix}&order=name")
        rows_of(web_page.page).nth(0).get_by_role("checkbox").click()
        web_page.page.get_by_role("button", name="Delete").click()
        expect(rows_of(web_page.page)).to_have_count(2)
        web_page.page.goto("about:blank")
        wait_until(lambda: len(web_page.client.files(q=prefix)) == len(three_files) - 1)

    @pytest.mark.parametrize(("count", "asks"), [(200, False), (201, True)])
    def test_leaving_asks_while_more_is_to_be_deleted_than_a_browser_sends(
        self, web_page: WebPage, count: int, *, asks: bool
    ) -> None:
        web_page.open()
        add = """count => document.querySelector("fl-app").deletions.add(
            Array.from({length: count}, (_, number) => ({id: `unknown-${number}`, name: "a"})))"""
        web_page.page.evaluate(add, count)
        ask = "() => !window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
        assert web_page.page.evaluate(ask) is asks
        web_page.page.get_by_role("button", name="Undo").click()
        assert web_page.page.evaluate(ask) is False

    def test_selected_files_are_processed_again(
        self, web_page: WebPage, prefix: str, three_files: list[str]
    ) -> None:
        """One that was deleted meanwhile is no error; another error names its file."""
        page = web_page.page
        open_list(web_page, f"q={prefix}&order=name")
        for index in range(3):
            rows_of(page).nth(index).get_by_role("checkbox").click()
        web_page.expect_problem("status of 409")
        body = {"error": "not_uploaded", "message": "It has no bytes.", "requestId": "r-1"}
        refused = f"**/api/files/{three_files[2]}/reprocess"
        page.route(refused, lambda route: route.fulfill(status=409, json=body))
        page.get_by_role("button", name="Process again").click()
        page.get_by_text(f"Not processed again: {prefix} c.txt: It has no bytes.").wait_for()
        timeline = web_page.client.request("GET", f"/api/files/{three_files[0]}/timeline").json()
        assert "reopened" in {entry["type"] for entry in timeline}

    def test_selected_files_are_downloaded(self, web_page: WebPage, prefix: str, three_files: list[str]) -> None:
        page = web_page.page
        downloads: list[str] = []
        page.on("download", lambda each: downloads.append(each.suggested_filename))
        open_list(web_page, f"q={prefix}&order=name")
        for index in range(len(three_files)):
            rows_of(page).nth(index).get_by_role("checkbox").click()
        page.get_by_role("button", name="Download").click()
        page.get_by_text("Downloading: 2 of 3").wait_for()
        expect(page.get_by_text("Downloading")).to_have_count(0)
        assert downloads == [f"{prefix} {each}.txt" for each in "abc"]


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


class TestSignedIn:
    """Where the API needs a token."""

    @pytest.fixture
    def page(self, web_context: "BrowserContext", protected_emulator: "ProtectedEmulator") -> Iterator[WebPage]:
        """The list that an administrator has signed in to."""
        page = WebPage(web_context.new_page(), protected_emulator.emulator)
        page.expect_problem("status of 401")
        page.page.clock.install()
        page.open()
        page.page.get_by_label("API token").fill(protected_emulator.token)
        page.page.get_by_role("button", name="Sign in with the token").click()
        page.page.get_by_role("link", name="Administration").wait_for()
        yield page
        assert page.unexpected_problems() == []
        assert page.foreign_origins() == set()

    def test_administrators_see_other_owners_files_and_those_of_one(
        self, page: WebPage, prefix: str, protected_emulator: "ProtectedEmulator"
    ) -> None:
        """Also new ones, although they aren't in the administrator's change feed. Thumbnails need no token."""
        admin = Client(page.emulator.url, protected_emulator.token)
        alice, bob = (
            Client(page.emulator.url, admin.request("POST", "/api/tokens", json=each).json()["token"])
            for each in ({"name": "t", "owner": f"{prefix} älice"}, {"name": "t", "owner": "bob"})
        )
        content = io.BytesIO()
        Image.new("RGB", (64, 48), "red").save(content, "PNG")
        alice.wait_until_terminal(alice.upload(f"{prefix} 1.png", content.getvalue(), "image/png").id)
        open_list(page, f"q={prefix}")
        row_of(page.page, "1.png").locator("fl-thumbnail img").wait_for()
        expect(row_of(page.page, "1.png")).to_contain_text("älice")
        bob.upload(f"{prefix} 2.txt", b"x", "text/plain")
        page.page.clock.fast_forward("00:11")
        expect(row_of(page.page, "2.txt")).to_contain_text("bob")
        open_list(page, f"q={prefix}&owner={prefix} älice")
        expect(rows_of(page.page)).to_have_count(1)
        page.page.get_by_role("button", name="Remove the filter Owner").click()
        expect(rows_of(page.page)).to_have_count(2)


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
