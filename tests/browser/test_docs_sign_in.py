"""Signing in to the documentation of the API, whose requests have the token then."""

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import ProtectedEmulator
from tests.browser.axe_check import find_faults
from tests.browser.docs_page import DocsPage
from tests.browser.sign_in_steps import continue_as, create_token
from tests.oidc.provider_server import Provider

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator


class ProtectedDocs(DocsPage):
    """The documentation of a service that needs a token."""

    @property
    def dialog(self) -> "Locator":
        return self.page.get_by_role("dialog")

    @property
    def header(self) -> "Locator":
        return self.page.get_by_role("banner")

    def send(self, block: "Locator") -> None:
        """Send the request that the dialog is about to hold up."""
        block.get_by_role("button", name="Execute").click()
        self.dialog.wait_for()

    def status(self, block: "Locator", expected: str) -> str:
        """Return the text of the response with this status, once it is there."""
        response = block.locator(".live-responses-table tr.response")
        response.locator(".response-col_status", has_text=re.compile(f"^{expected}")).wait_for()
        return response.locator(".response-col_description").inner_text()

    def sign_in_with_token(self, token: str) -> None:
        self.dialog.get_by_label("API token").fill(token)
        self.dialog.get_by_role("button", name="Sign in with the token").click()
        self.dialog.wait_for(state="hidden")


@pytest.fixture
def docs(
    web_context: "BrowserContext", protected_emulator: ProtectedEmulator, oidc_provider: Provider
) -> Iterator[ProtectedDocs]:
    """The page, opened."""
    oidc_provider.reset()
    emulator = protected_emulator.emulator
    docs = ProtectedDocs(web_context.new_page())
    docs.page.set_default_timeout(10_000)
    docs.open(f"{emulator.url}/api/docs")
    yield docs
    assert [problem for problem in docs.problems if "status of 401" not in problem] == []
    assert docs.origins <= {emulator.url, emulator.aws_url, oidc_provider.url}


def test_request_waits_for_a_token_or_is_refused(
    docs: ProtectedDocs, protected_emulator: ProtectedEmulator
) -> None:
    _, token = create_token(protected_emulator, "alice")
    me = docs.operation("GET", "/api/me")
    docs.send(me)
    docs.dialog.get_by_role("button", name="Not now").click()
    assert '"unauthorized"' in docs.status(me, "401")
    docs.header.get_by_role("button", name="Sign in").wait_for()
    docs.send(me)
    assert find_faults(docs.page) == []
    docs.sign_in_with_token(token)
    assert '"owner": "alice"' in docs.status(me, "200")
    command = me.locator(".curl-command").inner_text()
    assert "Authorization: Bearer TOKEN" in command
    assert token not in docs.page.content()
    docs.header.locator("summary", has_text="alice").wait_for()


def test_revoked_token_is_asked_for_again(docs: ProtectedDocs, protected_emulator: ProtectedEmulator) -> None:
    token_id, token = create_token(protected_emulator, "alice")
    docs.header.get_by_role("button", name="Sign in").click()
    docs.sign_in_with_token(token)
    Client(protected_emulator.emulator.url, protected_emulator.token).request("DELETE", f"/api/tokens/{token_id}")
    upload = docs.operation("POST", "/api/upload")
    upload.locator("input[type=file]").set_input_files(
        {"name": "again.txt", "mimeType": "text/plain", "buffer": b"sent twice"}
    )
    docs.send(upload)
    docs.dialog.get_by_role("heading", name="Sign in again").wait_for()
    docs.sign_in_with_token(create_token(protected_emulator, "bob")[1])
    [file_id] = re.findall(r'"id": "([^"]+)"', docs.status(upload, "201"))
    bob = Client(protected_emulator.emulator.url, create_token(protected_emulator, "bob")[1])
    assert bob.file(file_id).size == len(b"sent twice")
    docs.header.locator("summary", has_text="bob").wait_for()


def test_token_is_not_sent_to_the_storage(docs: ProtectedDocs, protected_emulator: ProtectedEmulator) -> None:
    """To which a route redirects."""
    _, token = create_token(protected_emulator, "alice")
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(content, "PNG")
    file = Client(protected_emulator.emulator.url, token).upload("photo.png", content.getvalue(), "image/png")
    docs.header.get_by_role("button", name="Sign in").click()
    docs.sign_in_with_token(token)
    sent: list[str | None] = []
    docs.page.on(
        "request",
        lambda request: (
            sent.append(request.all_headers().get("authorization"))
            if request.url.startswith(protected_emulator.emulator.aws_url)
            else None
        ),
    )
    status, _ = docs.execute_with_id("GET", "/api/files/{file_id}/content", file.id)
    assert status == "200"
    assert sent == [None]


def test_provider_is_shown_in_a_window_and_the_page_stays(docs: ProtectedDocs, oidc_provider: Provider) -> None:
    block = docs.operation("GET", "/api/me")
    docs.page.evaluate("window.isSamePage = true")
    docs.header.get_by_role("button", name="Sign in").click()
    with docs.page.expect_popup() as opened:
        docs.dialog.get_by_role("button", name="Sign in with localhost").click()
    with opened.value.expect_event("close"):
        continue_as(opened.value, "carol")
    docs.header.locator("summary", has_text="carol").wait_for()
    status, text = docs.execute(block)
    assert (status, '"owner": "carol"' in text) == ("200", True)
    assert oidc_provider.grants == ["authorization_code"]
    assert docs.page.evaluate("window.isSamePage")
