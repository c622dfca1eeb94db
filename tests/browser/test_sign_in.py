"""Signing in to the page: with a token, with a provider, and again when the session has expired."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator, ProtectedEmulator
from tests.browser.sign_in_steps import continue_as, create_token
from tests.browser.web_page import WebPage
from tests.oidc.provider_server import Provider

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Route


class SignInPage(WebPage):
    """The page of a service that asks who is there."""

    def __init__(self, page: "Page", emulator: Emulator) -> None:
        super().__init__(page, emulator)
        self._sent: set[str | None] = set()
        self._refused: set[str | None] = set()
        page.on("request", lambda request: self._sent.add(request.headers.get("authorization")))

    @property
    def dialog(self) -> "Locator":
        return self.page.get_by_role("dialog")

    @property
    def account(self) -> "Locator":
        return self.page.locator("fl-account summary")

    def sign_in_with_token(self, token: str, *, keep: bool = False) -> None:
        self.dialog.get_by_label("API token").fill(token)
        if keep:
            self.dialog.get_by_label("Stay signed in").check()
        self.dialog.get_by_role("button", name="Sign in with the token").click()

    def sign_in_with_provider(self, name: str) -> None:
        """Go to the provider and back."""
        self.dialog.get_by_role("button", name="Sign in with localhost").click()
        continue_as(self.page, name)

    def expire_tokens(self) -> None:
        """Refuse the tokens that the page has sent until now, as the service does when they expire."""
        if not self._refused:
            self.page.route("**/api/**", self._refuse_expired)
        self._refused |= self._sent - {None}

    def _refuse_expired(self, route: "Route") -> None:
        if route.request.headers.get("authorization") in self._refused:
            route.fulfill(status=401, json={"error": "token_expired", "message": "The token has expired."})
        else:
            route.continue_()

    def upload(self) -> str:
        """Send a request as the uploader does, and return the new file's id once there is a response."""
        new = {"name": f"{uuid4().hex}.txt", "size": 3}
        created: str = self.page.evaluate(
            "async (body) => (await document.querySelector('fl-app').api.post('api/uploads', body)).body.id", new
        )
        return created


@pytest.fixture
def provider(oidc_provider: Provider) -> Provider:
    oidc_provider.reset()
    return oidc_provider


@pytest.fixture
def page(
    web_context: "BrowserContext", protected_emulator: ProtectedEmulator, provider: Provider
) -> Iterator[SignInPage]:
    """The page, not opened yet."""
    page = SignInPage(web_context.new_page(), protected_emulator.emulator)
    page.page.set_default_timeout(10_000)
    page.expect_problem("status of 401")
    yield page
    assert page.unexpected_problems() == []
    assert page.foreign_origins() <= {provider.url}


@pytest.fixture
def alice(protected_emulator: ProtectedEmulator) -> str:
    """A token of alice's."""
    return create_token(protected_emulator, "alice")[1]


class TestOpenService:
    def test_nobody_is_asked_where_the_service_is_open(self, web_page: WebPage) -> None:
        requested: list[str] = []
        web_page.page.on("request", lambda request: requested.append(request.url))
        with web_page.page.expect_response(re.compile("/api/files")):
            web_page.open()
        web_page.page.wait_for_load_state("networkidle")
        assert web_page.page.get_by_role("dialog").count() == 0
        assert web_page.page.locator("fl-account").inner_text() == ""
        assert [url for url in requested if "sign-in" in url or "account" in url] == []


class TestToken:
    def test_token_is_asked_for_checked_and_forgotten(self, page: SignInPage, alice: str) -> None:
        page.open("#/?q=photo")
        page.dialog.wait_for()
        page.sign_in_with_token("flt_wrong")
        page.dialog.get_by_role("alert").filter(has_text="token").wait_for()
        page.sign_in_with_token(alice)
        page.account.filter(has_text="alice").wait_for()
        assert not page.dialog.is_visible()
        page.account.click()
        menu = page.page.locator("fl-account .menu")
        assert "read, upload and change" in menu.inner_text()
        assert "laptop" in menu.inner_text()
        assert alice not in page.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
        page.page.reload()
        page.dialog.wait_for()
        assert page.page.evaluate("location.hash") == "#/?q=photo"

    def test_token_that_is_kept_lasts_until_the_person_signs_out(self, page: SignInPage, alice: str) -> None:
        page.open()
        page.sign_in_with_token(alice, keep=True)
        page.account.filter(has_text="alice").wait_for()
        page.page.reload()
        page.account.filter(has_text="alice").click()
        assert not page.dialog.is_visible()
        page.page.get_by_role("button", name="Sign out").click()
        page.dialog.wait_for()
        assert alice not in page.page.evaluate("JSON.stringify({...sessionStorage})")

    def test_requests_wait_for_who_signs_in_again_and_no_other_owner(
        self, page: SignInPage, alice: str, protected_emulator: ProtectedEmulator
    ) -> None:
        admin = Client(protected_emulator.emulator.url, protected_emulator.token)
        token_id, token = create_token(protected_emulator, "alice")
        page.open()
        page.sign_in_with_token(token)
        page.account.filter(has_text="alice").wait_for()
        admin.request("DELETE", f"/api/tokens/{token_id}")
        page.page.evaluate("""() => {
            const {api} = document.querySelector("fl-app");
            window.sent = Promise.all([1, 2, 3].map((n) => api.post("api/uploads", {name: `${n}.txt`, size: n})));
        }""")
        page.dialog.get_by_role("heading", name="Sign in again").wait_for()
        page.dialog.get_by_role("button", name="Not now").click()
        page.page.get_by_role("banner").get_by_role("button", name="Sign in").click()
        page.sign_in_with_token(create_token(protected_emulator, "bob")[1])
        page.dialog.get_by_role("alert").filter(has_text="This page has files of alice").wait_for()
        page.sign_in_with_token(alice)
        names = page.page.evaluate(
            "window.sent.then((responses) => responses.map(({body}) => body.file?.name ?? body.name))"
        )
        assert len(names) == 3
        assert not page.dialog.is_visible()


class TestProvider:
    def test_page_comes_back_to_where_it_was(self, page: SignInPage, provider: Provider) -> None:
        page.open("#/?q=photo")
        page.sign_in_with_provider("carol")
        page.account.filter(has_text="carol").wait_for()
        assert page.page.evaluate("location.href") == f"{page.emulator.url}/#/?q=photo"
        [request] = provider.requests
        assert (request["audience"], request["scope"]) == ("files", "openid offline_access")
        assert provider.grants == ["authorization_code"]
        stored = page.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
        assert not re.search(r"ey[\w-]+\.|refresh|verifier", stored)

    def test_reload_asks_the_provider_and_nobody_else(self, page: SignInPage, provider: Provider) -> None:
        page.open("#/?q=photo")
        page.sign_in_with_provider("carol")
        page.account.filter(has_text="carol").wait_for()
        page.page.reload()
        page.account.filter(has_text="carol").wait_for()
        assert provider.requests[-1]["prompt"] == "none"
        assert page.page.evaluate("location.href") == f"{page.emulator.url}/#/?q=photo"
        provider.end_sessions()
        page.page.reload()
        page.dialog.wait_for()
        assert page.dialog.get_by_role("alert").count() == 0
        page.sign_in_with_provider("carol")
        page.account.filter(has_text="carol").wait_for()

    def test_who_signs_out_is_asked_for_the_name_again(self, page: SignInPage, provider: Provider) -> None:
        page.open()
        page.sign_in_with_provider("carol")
        page.account.filter(has_text="carol").click()
        page.page.get_by_role("button", name="Sign out").click()
        page.sign_in_with_provider("dave")
        page.account.filter(has_text="dave").wait_for()
        assert provider.requests[-1]["prompt"] == "login"

    def test_refusal_of_the_provider_is_shown(self, page: SignInPage) -> None:
        page.open()
        page.sign_in_with_provider("nobody")
        page.dialog.get_by_role("alert").filter(has_text="nobody may not use this page").wait_for()

    def test_response_that_nobody_asked_for_is_ignored(self, page: SignInPage, provider: Provider) -> None:
        page.page.goto(f"{page.emulator.url}/?code=stolen&state=unknown")
        page.dialog.wait_for()
        assert page.page.evaluate("location.search") == ""
        assert provider.grants == []

    def test_expired_token_is_renewed_without_a_question(self, page: SignInPage, provider: Provider) -> None:
        page.open()
        page.sign_in_with_provider("carol")
        page.account.filter(has_text="carol").wait_for()
        page.expire_tokens()
        assert page.upload()
        assert provider.grants == ["authorization_code", "refresh_token"]
        page.expire_tokens()
        assert page.upload(), "each refresh token works once"
        assert not page.dialog.is_visible()

    @pytest.mark.parametrize("has_refresh_tokens", [True, False])
    def test_expired_session_asks_in_a_window_and_uploads_go_on(
        self, page: SignInPage, provider: Provider, has_refresh_tokens: bool
    ) -> None:
        provider.has_refresh_tokens = has_refresh_tokens
        page.expect_problem("status of 400")  # of the provider, to the expired refresh token
        page.open()
        page.sign_in_with_provider("carol")
        page.account.filter(has_text="carol").wait_for()
        page.page.evaluate("window.isSamePage = true")
        provider.end_sessions()
        page.expire_tokens()
        page.page.evaluate("""() => {
            const {api} = document.querySelector("fl-app");
            window.sent = api.post("api/uploads", {name: "a.txt", size: 3});
        }""")
        page.dialog.get_by_role("heading", name="Sign in again").wait_for()
        with page.page.expect_popup() as opened:
            page.dialog.get_by_role("button", name="Sign in with localhost").click()
        with opened.value.expect_event("close"):
            continue_as(opened.value, "carol")
        assert page.page.evaluate("window.sent.then(({body}) => body.id)")
        assert page.page.evaluate("window.isSamePage")
        assert not page.dialog.is_visible()
