"""The service that the acceptance tests drive: the one at BASE_URL, or an emulator started for them."""

import os
from collections.abc import Iterator

import pytest

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator, start_emulator


@pytest.fixture(scope="session")
def service_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator of this project's own app."""
    with start_emulator(tmp_path_factory.mktemp("emulator") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Client:
    if base_url := os.environ.get("BASE_URL"):
        return Client(base_url)
    emulator: Emulator = request.getfixturevalue("service_emulator")
    return Client(emulator.url)
