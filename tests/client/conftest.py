"""A fake service and a client of it."""

from collections.abc import Iterator

import pytest

from file_loader_client import Client, connections
from tests.client.fake_service import FakeService, run_fake_service


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """A fake service. Further attempts follow at once, unless a response says when."""
    for retries in (connections.SERVICE_RETRIES, connections.S3_RETRIES):
        monkeypatch.setattr(retries, "backoff_factor", 0)
        monkeypatch.setattr(retries, "backoff_jitter", 0)
    with run_fake_service() as running:
        yield running


@pytest.fixture
def client(service: FakeService) -> Iterator[Client]:
    with Client(service.url, "secret") as connected:
        yield connected
