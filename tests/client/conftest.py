"""A fake service and a client of it."""

from collections.abc import Iterator

import pytest

from file_loader_client import Client
from tests.client.fake_service import FakeService, run_fake_service, skip_backoff


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """A fake service. Further attempts follow at once."""
    skip_backoff(monkeypatch)
    with run_fake_service() as running:
        yield running


@pytest.fixture
def client(service: FakeService) -> Iterator[Client]:
    with Client(service.url, "secret") as connected:
        yield connected
