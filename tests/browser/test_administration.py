"""The administration of the page at `/` in a browser."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from chalicelib.core.accounts.api_tokens import is_api_token
from tests.acceptance.emulator_process import ProtectedEmulator
from tests.browser.axe_check import find_faults
from tests.browser.sign_in_steps import create_token
from tests.browser.upload_steps import text_file
from tests.browser.web_page import WebPage
from tests.samples import png

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Route

ADMINISTRATION = "#/administration"


def respond_with(web_page: WebPage, path: str, body: Any, *, status: int = 200) -> None:
    """Let the API respond so to requests whose path ends like this."""

    def respond(route: "Route") -> None:
        route.fulfill(status=status, json=body)

    web_page.page.route(re.compile(rf"/api/{path}(\?.*)?$"), respond)


@pytest.fixture
def administration(web_page: WebPage) -> WebPage:
    """The page, which shows the administration with its first numbers."""
    web_page.open(ADMINISTRATION)
    web_page.page.get_by_role("heading", name="Files by status").wait_for()
    return web_page


def section(web_page: WebPage, name: str) -> "Locator":
    """Return the element of a section, such as `owners`."""
    return web_page.page.locator(f"fl-{name}")


def row(web_page: WebPage, section_name: str, heading: str) -> "Locator":
    """Return the row of a section's table that begins with this heading."""
    header = web_page.page.get_by_role("rowheader", name=heading, exact=True)
    return section(web_page, section_name).get_by_role("row").filter(has=header)


def overview_of_trouble() -> dict[str, Any]:
    """Return an overview in which everything is wrong that can be."""
    now = datetime.now(UTC)
    statuses = {"uploaded": (100_000, "at_least"), "processed": (1_234_567, "about"), "failed": (9, "exact")}
    others = ("awaiting_upload", "processing", "rejected", "expired")
    counts = {**dict.fromkeys(others, (0, "exact")), **statuses}
    late = {
        "id": "01930000-0000-7000-8000-000000000000",
        "owner": "alice",
        "name": "late <b>photo</b>.jpg",
        "status": "processing",
        "attempts": 3,
        "waiting_since": (now - timedelta(hours=3)).isoformat(),
    }
    return {
        "measured_at": now.isoformat(),
        "statuses": [{"status": s, "files": n, "precision": precision} for s, (n, precision) in counts.items()],
        "types": [
            {"type": "image/*", "files": 900_000, "precision": "about"},
            {"type": None, "files": 100_000, "precision": "about"},
        ],
        "late": {"files": 41, "precision": "exact", "longest": [late]},
        "failures": [
            {"code": "attempts_exhausted", "files": 7, "precision": "exact", "newest_at": now.isoformat()}
        ],
        "to_be_reprocessed": {"files": 310, "precision": "exact"},
        "last_sweep": {
            "finished_at": (now - timedelta(minutes=12)).isoformat(),
            "seconds": 41.2,
            "end": "failed",
            "outcomes": {"event_lost": 3, "of a newer version": 1},
        },
    }


def test_what_the_service_holds(administration: WebPage) -> None:
    """The numbers are the API's, which other tests change meanwhile."""
    shown = row(administration, "status-counts", "Ready").get_by_role("cell").inner_text()
    overview = administration.client.request("GET", "/api/admin/overview").json()
    processed = next(each["files"] for each in overview["statuses"] if each["status"] == "processed")
    assert abs(int(shown.replace(",", "")) - processed) <= 20
    section(administration, "health").get_by_text("Everything works.").or_(
        section(administration, "health").get_by_text("Something doesn’t work.")
    ).wait_for()


def test_an_owner_is_listed_with_what_it_uses(administration: WebPage) -> None:
    client, headers = administration.client, {"X-Owner": "visitor"}  # who may have one file
    created = client.request("POST", "/api/uploads", json={"name": "a.txt", "size": 12}, headers=headers).json()
    try:
        section(administration, "owners").get_by_label("Order").select_option("By name")
        visitor = row(administration, "owners", "visitor")
        visitor.get_by_text("1 of 1").wait_for()
        assert visitor.locator("svg.bar.nearly-full").count() == 1
        assert visitor.get_by_role("cell").first.inner_text().startswith("12 bytes of 1 GB")
    finally:
        client.request("DELETE", f"/api/uploads/{created['id']}", headers=headers)


def test_what_needs_attention(web_page: WebPage) -> None:
    respond_with(web_page, "admin/overview", overview_of_trouble())
    health = {
        "status": "unhealthy",
        "database": "ok",
        "storage": "full",
        "processing": "degraded",
        "oldest_queued_age_seconds": 10_800.0,
    }
    respond_with(web_page, "health", health, status=503)
    web_page.expect_problem("status of 503")
    web_page.open(ADMINISTRATION)
    texts = {
        "health": ["Something doesn’t work.", "full", "too slow", "has waited for 3 hr."],
        "last-sweep": [
            "Ended 12 min ago, after 41 sec.",
            "There should be one every minute.",
            "of a newer version",
        ],
        "status-counts": ["100,000 or more", "about 1,234,567", "about 1,334,576"],
        "type-counts": ["about 900,000 (90%)", "not known yet"],
        "late-files": ["Waiting for too long: 41", "late <b>photo</b>.jpg", "3 hr", "alice"],
        "failure-counts": ["attempts_exhausted", "7"],
        "reprocessing": ["Waiting to be processed again: 310"],
    }
    for name, expected in texts.items():
        for text in expected:
            section(web_page, name).get_by_text(text).first.wait_for()
    links = {
        section(web_page, "late-files").get_by_role("link").get_attribute("href"),
        section(web_page, "status-counts").get_by_role("link", name="Failed").get_attribute("href"),
        section(web_page, "type-counts").get_by_role("link", name="image/*").get_attribute("href"),
    }
    assert links == {
        "#/files/01930000-0000-7000-8000-000000000000",
        "#/?status=failed",
        "#/?type=image%2F*",
    }
    for scheme in ("light", "dark"):
        web_page.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert find_faults(web_page.page) == []
    web_page.page.set_viewport_size({"width": 320, "height": 800})
    assert web_page.page.locator("fl-administration").evaluate("e => e.scrollWidth <= e.clientWidth")
    section(web_page, "reprocessing").get_by_role("button", name="Process outdated files again").click()
    web_page.page.get_by_role("dialog", name="Process outdated files again?").wait_for()
    assert find_faults(web_page.page) == []


def test_further_owners_are_read_when_asked_for(web_page: WebPage) -> None:
    client = web_page.client
    owners = client.request("GET", "/api/admin/owners?limit=1").json() or [pytest.fail("there is no owner")]

    def respond(route: "Route") -> None:
        is_first = "after" not in route.request.url
        listed = [{**owners[0], "owner": f"owner {n}"} for n in (range(50) if is_first else range(50, 53))]
        next_page = '<https://elsewhere.example/prod/api/admin/owners?limit=50&after=owner+49>; rel="next"'
        route.fulfill(json=listed, headers={"Link": next_page} if is_first else {})

    web_page.page.route(re.compile("/api/admin/owners"), respond)
    web_page.open(ADMINISTRATION)
    row(web_page, "owners", "owner 49").wait_for()
    more = section(web_page, "owners").get_by_role("button", name="Show more")
    more.click()
    row(web_page, "owners", "owner 52").wait_for()
    assert row(web_page, "owners", "owner 0").count() == 1
    more.wait_for(state="detached")


class TestReprocessing:
    @pytest.fixture
    def button(self, administration: WebPage) -> "Locator":
        return section(administration, "reprocessing").get_by_role("button", name="Process outdated files again")

    def test_with_the_keyboard(self, administration: WebPage, button: "Locator") -> None:
        """Escape leaves the dialog, and the focus is where it was."""
        keyboard = administration.page.keyboard
        dialog = administration.page.get_by_role("dialog", name="Process outdated files again?")
        button.focus()
        keyboard.press("Enter")
        dialog.wait_for()
        keyboard.press("Escape")
        dialog.wait_for(state="hidden")
        assert button.evaluate("button => button.getRootNode().activeElement === button")
        keyboard.press("Enter")
        dialog.wait_for()
        keyboard.press("Tab")
        keyboard.press("Enter")
        result = section(administration, "reprocessing").get_by_text(re.compile("files examined. 0 of them will"))
        result.wait_for()
        administration.page.get_by_role("status").filter(has_text="files examined").wait_for()

    def test_progress_continues_with_the_id_of_the_last_response(
        self, administration: WebPage, button: "Locator"
    ) -> None:
        after = "01930000-0000-7000-8000-000000000000"
        responses = [(8000, 100, after), (500, 3, None)]
        sent: list[Any] = []

        def respond(route: "Route") -> None:
            examined, marked, resume_id = responses[len(sent)]
            sent.append(route.request.post_data_json)
            route.fulfill(status=202, json={"examined": examined, "marked": marked, "after": resume_id})

        administration.page.route(re.compile("/api/admin/reprocess"), respond)
        button.click()
        administration.page.get_by_role("button", name="Process again", exact=True).click()
        administration.page.get_by_text(
            "8,500 files examined. 103 of them will be processed again."
        ).first.wait_for()
        assert sent == [{"after": None}, {"after": after}]

    def test_it_can_be_stopped(self, administration: WebPage, button: "Locator") -> None:
        requests: Iterator[int] = iter(range(9))

        def respond(route: "Route") -> None:
            if next(requests) == 0:
                body = {"examined": 8000, "marked": 100, "after": "01930000-0000-7000-8000-000000000000"}
                route.fulfill(status=202, json=body)  # and no response to the next one

        administration.page.route(re.compile("/api/admin/reprocess"), respond)
        button.click()
        administration.page.get_by_role("button", name="Process again", exact=True).click()
        administration.page.get_by_text("8,000 files examined, 100 marked").wait_for()
        administration.page.get_by_role("button", name="Stop").click()
        stopped = section(administration, "reprocessing").get_by_text("Stopped. 100 files are marked")
        stopped.wait_for()
        button.wait_for()


class TestTokens:
    def create(self, web_page: WebPage, name: str) -> str:
        """Create a token with the form, and return what the page shows once."""
        form = web_page.page.locator("fl-new-token")
        form.get_by_role("textbox", name="Name").fill(name)
        form.get_by_role("textbox", name="Owner").fill("alice")
        form.get_by_label("What it allows").select_option("read")
        form.get_by_role("button", name="Create a token").click()
        dialog = web_page.page.get_by_role("dialog", name="The new token")
        secret: str = dialog.get_by_role("textbox", name="The new token").input_value()
        dialog.get_by_role("button", name="Close").click()
        dialog.wait_for(state="hidden")
        return secret

    def read(self, web_page: WebPage) -> dict[str, Any]:
        """Return the newest token, as the API has it."""
        [token] = web_page.client.request("GET", "/api/tokens?limit=1").json()
        newest: dict[str, Any] = token
        return newest

    def test_a_token_is_shown_once_and_revoked(self, administration: WebPage) -> None:
        page, name = administration.page, "made in a browser"
        secret = self.create(administration, name)
        assert is_api_token(secret)
        created = self.read(administration)
        assert (created["name"], created["owner"], created["scopes"]) == (name, "alice", ["read"])
        lifetime = datetime.fromisoformat(created["expires_at"]) - datetime.fromisoformat(created["created_at"])
        assert lifetime == timedelta(days=30)
        assert page.locator("#secret").input_value() == ""
        shown = row(administration, "tokens", name).first
        revoke = shown.get_by_role("button", name=f"Revoke {name}")
        revoke.click()
        page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        assert self.read(administration)["revoked_at"] is None
        revoke.click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
        shown.wait_for(state="detached")
        assert self.read(administration)["revoked_at"] is not None
        page.get_by_label("Show expired and revoked ones").check()
        row(administration, "tokens", name).first.get_by_text("revoked").wait_for()

    def test_what_the_service_refuses_is_shown(self, administration: WebPage) -> None:
        administration.expect_problem("status of 422")
        form = administration.page.locator("fl-new-token")
        form.get_by_role("textbox", name="Name").fill("tab\tin it")
        form.get_by_role("button", name="Create a token").click()
        form.get_by_role("alert").get_by_text("The token can't be created").wait_for()


def test_only_administrators_see_the_link(web_page: WebPage) -> None:
    link = web_page.page.get_by_role("link", name="Administration")
    web_page.open()
    link.wait_for()
    respond_with(web_page, "me", {"owner": "alice", "scopes": ["write"], "credential": "api_token", "token": None})
    with web_page.page.expect_response(re.compile("/api/me")):
        web_page.page.reload()
    web_page.page.wait_for_timeout(100)
    assert link.count() == 0


class TestSignedIn:
    @pytest.fixture
    def sign_in(
        self, web_context: "BrowserContext", protected_emulator: ProtectedEmulator
    ) -> Iterator[Callable[[str], WebPage]]:
        """Returns the administration of a service that asks for a token, after the page was given one."""
        page = WebPage(web_context.new_page(), protected_emulator.emulator)
        page.expect_problem("status of 40[13]")

        def sign_in_with(token: str) -> WebPage:
            page.open(ADMINISTRATION)
            dialog = page.page.get_by_role("dialog")
            dialog.get_by_label("API token").fill(token)
            dialog.get_by_role("button", name="Sign in with the token").click()
            return page

        yield sign_in_with
        assert page.unexpected_problems() == []

    def test_an_administrator(
        self, sign_in: Callable[[str], WebPage], protected_emulator: ProtectedEmulator
    ) -> None:
        page = sign_in(protected_emulator.token)
        page.page.get_by_role("heading", name="Files by status").wait_for()
        page.page.get_by_role("link", name="Administration").wait_for()

    def test_another_owner(self, sign_in: Callable[[str], WebPage], protected_emulator: ProtectedEmulator) -> None:
        _, token = create_token(protected_emulator, "alice")
        page = sign_in(token)
        page.page.get_by_role("alert").get_by_text("Only administrators can see this.").wait_for()
        page.page.locator("fl-account summary").get_by_text("alice").wait_for()
        assert page.page.get_by_role("link", name="Administration").count() == 0


def test_others_are_told_what_they_need(web_page: WebPage) -> None:
    web_page.expect_problem("status of 403")
    body = {"error": "insufficient_scope", "message": "No.", "requestId": "r"}
    respond_with(web_page, "admin/overview", body, status=403)
    web_page.open(ADMINISTRATION)
    web_page.page.get_by_role("alert").get_by_text("Only administrators can see this.").wait_for()


def test_after_an_error_it_is_tried_again(web_page: WebPage) -> None:
    web_page.expect_problem("status of 503")
    body = {"error": "database_unavailable", "message": "The database is not responding.", "requestId": "r-1"}
    respond_with(web_page, "admin/overview", body, status=503)
    web_page.open(ADMINISTRATION)
    web_page.page.get_by_text("The database is not responding. (request r-1)").wait_for()
    web_page.page.unroute_all()
    web_page.page.get_by_role("button", name="Try again").click()
    web_page.page.get_by_role("heading", name="Files by status").wait_for()


def test_a_failed_file_is_counted(administration: WebPage) -> None:
    file = administration.client.upload_form("damaged.png", png()[:20], "image/png")
    try:
        administration.client.wait_until_terminal(file.id)
        administration.page.get_by_role("button", name="Refresh").click()
        row(administration, "failure-counts", "unreadable_image").wait_for()
    finally:
        administration.client.delete(file.id)


def test_uploads_go_on_beside_it(web_page: WebPage) -> None:
    """The bytes are held back until the administration is shown."""
    page, name = web_page.page, f"{uuid4().hex}.txt"
    held_back: list[Route] = []
    page.route(re.compile("X-Amz-Signature="), lambda route: held_back.append(route))
    web_page.open()
    with page.expect_file_chooser() as chooser, page.expect_request(re.compile("X-Amz-Signature=")):
        page.get_by_role("button", name="Choose files").click()
        chooser.value.set_files([text_file(name)])
    web_page.open(ADMINISTRATION)
    page.get_by_role("heading", name="Files by status").wait_for()
    with page.expect_response(re.compile("X-Amz-Signature=")):
        held_back[0].continue_()
    [file] = web_page.client.files(q=name)
    assert web_page.client.wait_until_terminal(file.id).size == 5
    page.get_by_role("link", name="Files", exact=True).click()
    web_page.uploaded(name).wait_for()
