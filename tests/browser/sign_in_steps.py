"""What signing in to a page takes: a token, or the provider's form."""

from typing import TYPE_CHECKING

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import ProtectedEmulator

if TYPE_CHECKING:
    from playwright.sync_api import Page


def continue_as(page: "Page", name: str) -> None:
    """Sign in at the provider, whose form a window shows."""
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Continue").click()


def create_token(service: ProtectedEmulator, owner: str) -> tuple[str, str]:
    """Return the id of a new token, and the token."""
    admin = Client(service.emulator.url, service.token)
    created = admin.request("POST", "/api/tokens", json={"name": "laptop", "owner": owner}).json()
    return created["id"], created["token"]
