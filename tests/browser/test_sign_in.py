"""Signing in to the page: with a token, with a provider, and again when the session has expired."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator, ProtectedEmulator
from tests.browser.axe_check import find_faults
from tests.browser.sign_in_steps import continue_as, create_token
from tests.browser.upload_steps import text_file
from tests.browser.web_page import WebPage
from tests.oidc.provider_server import Provider
from tests.processors.sample_files import make_audio, make_image

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Route


CONTENT = b"hello\n" * 200_000
"""Of a file that `protected_emulator` takes in parts: the upload has to be completed."""


POST = """(file) => {
    const {api} = document.querySelector("fl-app");
    return api.post("api/uploads", file).then(({body}) => body.id, ({code}) => code);
}"""


REFUSE_LATE = """() => Promise.race([
    document.querySelector("fl-app").session.renew("Bearer flt_old").then(() => "resolved"),
    new Promise((resolve) => setTimeout(resolve, 2000, "asked again")),
])"""
"""A request was sent before the user signed in again, and its 401 comes after it."""


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

    def sign_in_in_a_window(self, name: str) -> None:
        """Go to the provider in a window of its own, which closes itself."""
        with self.page.expect_popup() as opened:
            self.dialog.get_by_role("button", name="Sign in with localhost").click()
        with opened.value.expect_event("close"):
            continue_as(opened.value, name)

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

    def choose_file(self, name: str, *, during_put: Callable[[], object]) -> list[str]:
        """Upload a file in one part, and do something while S3 gets it. Return the requests that send it."""
        sent: list[str] = []

        def put(route: "Route") -> None:
            if route.request.method == "PUT":
                sent.append(route.request.url)
                during_put()
            route.continue_()

        self.page.route(f"{self.emulator.aws_url}/**", put)
        self.page.locator(".uppy-Dashboard").wait_for(state="attached")
        self.page.locator("#files").set_input_files(text_file(name, CONTENT))
        return sent

    def upload(self) -> str:
        """Send a request as the uploader does. Return the new file's id, or the code of an error."""
        new = {"name": f"{uuid4().hex}.txt", "size": 3}
        created: str = self.page.evaluate(POST, new)
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
    def test_open_service_asks_for_no_sign_in(self, web_page: WebPage) -> None:
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
        assert find_faults(page.page) == []
        page.sign_in_with_token(alice)
        page.account.filter(has_text="alice").wait_for()
        assert not page.dialog.is_visible()
        page.account.click()
        menu = page.page.locator("fl-account .menu")
        assert "read, upload and change" in menu.inner_text()
        assert "laptop" in menu.inner_text()
        assert find_faults(page.page) == []
        assert alice not in page.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
        page.page.reload()
        page.dialog.wait_for()
        assert page.page.evaluate("location.hash") == "#/?q=photo"

    def test_token_that_is_kept_lasts_until_the_person_signs_out(self, page: SignInPage, alice: str) -> None:
        page.open()
        page.sign_in_with_token(alice, keep=True)
        page.account.filter(has_text="alice").wait_for()
        asked = []
        page.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        page.page.reload()
        page.account.filter(has_text="alice").click()
        assert not page.dialog.is_visible()
        page.page.wait_for_load_state("networkidle")
        assert asked.count("/api/me") == 1
        page.page.get_by_role("button", name="Sign out").click()
        page.dialog.wait_for()
        assert alice not in page.page.evaluate("JSON.stringify({...sessionStorage})")

    def test_link_to_a_file_leads_there_and_its_content_is_shown(
        self, page: SignInPage, alice: str, protected_emulator: ProtectedEmulator
    ) -> None:
        """Elements that show pictures and play sounds send no token."""
        client = Client(protected_emulator.emulator.url, alice)
        picture = client.upload("picture.png", make_image("PNG", (80, 60)))
        sound = client.upload("sound.wav", make_audio("wav", "pcm_s16le", seconds=1))
        for file in (picture, sound):
            client.wait_until_terminal(file.id)
        page.open(f"#/files/{picture.id}")
        page.sign_in_with_token(alice)
        image = page.page.get_by_role("img", name="Picture of picture.png")
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 80
        page.open(f"#/files/{sound.id}")
        player = page.page.locator("fl-file-panel audio")
        player.evaluate("player => player.readyState || new Promise(done => player.onloadedmetadata = done)")
        assert player.evaluate("player => player.duration") == pytest.approx(1, abs=0.1)
        assert page.foreign_origins() == set()

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
        assert page.page.evaluate("window.sent.then((responses) => responses.length)") == 3
        assert page.page.evaluate(REFUSE_LATE) == "resolved"
        assert not page.dialog.is_visible()

    def test_upload_goes_on_after_a_revoked_token(
        self, page: SignInPage, alice: str, protected_emulator: ProtectedEmulator
    ) -> None:
        """Revoked while S3 gets the bytes, which are sent once."""
        admin = Client(protected_emulator.emulator.url, protected_emulator.token)
        token_id, token = create_token(protected_emulator, "alice")
        page.open()
        page.sign_in_with_token(token)
        name = f"{uuid4().hex}.txt"
        sent = page.choose_file(name, during_put=lambda: admin.request("DELETE", f"/api/tokens/{token_id}"))
        page.dialog.get_by_role("heading", name="Sign in again").wait_for()
        assert page.uploaded(name).count() == 0
        page.sign_in_with_token(alice)
        page.uploaded(name).wait_for()
        [file] = Client(protected_emulator.emulator.url, alice).files(q=name)
        assert (file.size, len(sent)) == (len(CONTENT), 1)


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

    def test_reload_asks_the_provider_and_not_the_user(self, page: SignInPage, provider: Provider) -> None:
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
        page.sign_in_with_provider("stranger")
        page.dialog.get_by_role("alert").filter(has_text="stranger may not use this page").wait_for()

    def test_response_without_a_request_is_ignored(self, page: SignInPage, provider: Provider) -> None:
        page.page.goto(f"{page.emulator.url}/?code=stolen&state=unknown")
        page.dialog.wait_for()
        assert page.page.evaluate("location.search") == ""
        assert provider.grants == []

    def test_expired_token_is_renewed_without_a_question(self, page: SignInPage, provider: Provider) -> None:
        page.open()
        page.sign_in_with_provider("carol")
        page.account.filter(has_text="carol").wait_for()
        page.page.route(f"{provider.url}/token", lambda route: route.abort())
        page.expect_problem("ERR_FAILED")
        page.expire_tokens()
        assert page.upload() == "offline"  # a temporary error, after which the uploader tries again
        page.page.unroute(f"{provider.url}/token")
        assert UUID(page.upload())
        assert provider.grants == ["authorization_code", "refresh_token"]
        page.expire_tokens()
        assert UUID(page.upload()), "each refresh token works once"
        assert not page.dialog.is_visible()

    def test_expired_session_asks_in_a_window_and_uploads_go_on(
        self, page: SignInPage, provider: Provider
    ) -> None:
        page.expect_problem("status of 400")  # of the provider, to the expired refresh token
        page.open()
        page.sign_in_with_provider("carol")
        page.account.filter(has_text="carol").wait_for()
        page.page.evaluate("window.isSamePage = true")

        def end_session() -> None:
            provider.end_sessions()
            page.expire_tokens()

        name = f"{uuid4().hex}.txt"
        sent = page.choose_file(name, during_put=end_session)
        page.dialog.get_by_role("heading", name="Sign in again").wait_for()
        assert page.uploaded(name).count() == 0
        page.sign_in_in_a_window("dave")
        page.dialog.get_by_role("alert").filter(has_text="This page has files of carol").wait_for()
        provider.has_refresh_tokens = False
        page.sign_in_in_a_window("carol")
        page.uploaded(name).wait_for()
        assert page.page.evaluate("window.isSamePage")
        page.dialog.wait_for(state="hidden")
        assert len(sent) == 1
        assert provider.requests[-1]["prompt"] == "login", "or the provider would not ask for another name"
        page.expire_tokens()  # without a refresh token
        page.dialog.get_by_role("heading", name="Sign in again").wait_for()

    def test_browser_without_the_functions_for_it_offers_tokens_alone(self, page: SignInPage) -> None:
        page.page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
        page.open()
        page.dialog.get_by_text("This works only if the page is loaded over HTTPS.").wait_for()
        assert page.dialog.get_by_role("button", name="Sign in with localhost").is_disabled()
