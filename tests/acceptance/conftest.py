"""The service that the acceptance tests drive: the one at BASE_URL, or an emulator started for them."""

import os

import pytest

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Client:
    if base_url := os.environ.get("BASE_URL"):
        return Client(base_url)
    emulator: Emulator = request.getfixturevalue("service_emulator")
    return Client(emulator.url)
