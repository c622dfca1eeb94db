"""The list of files of the page at `/` while files change."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.acceptance.client import Client
from tests.browser.list_steps import names, open_list, row_of, rows_of, wait_until
from tests.browser.sign_in_steps import create_token
from tests.browser.web_page import WebPage

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route

    from tests.acceptance.emulator_process import ProtectedEmulator


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

        def upload_first(route: "Route") -> None:
            expect(rows_of(web_page.page)).to_have_count(1)
            client.wait_until_terminal(client.upload(f"{prefix} second.txt", b"2", "text/plain").id)
            route.continue_()

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
        wait_until(page, lambda: len(held) == 1)
        changes.append({"seq": 1, "id": "new", "type": "announced", "status": "uploaded", "version": 1})
        expect(rows_of(page).first).to_have_id("row-head-0")
        respond(held[0], "held")
        expect(grid).to_have_attribute("aria-rowcount", "62")


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
        alice, bob = (
            Client(page.emulator.url, create_token(protected_emulator, owner)[1])
            for owner in (f"{prefix} älice", "bob")
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
