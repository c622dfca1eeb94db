"""Fakes of the ports, and a worker on them."""

import pytest

from chalicelib.core.processing.process_file import Worker
from tests.database_ports import FakePorts, fake_ports
from tests.fakes.metrics import FakeMetrics
from tests.fakes.storage import FakeStorage
from tests.unit.use_cases import make_worker


@pytest.fixture
def db() -> FakePorts:
    return fake_ports()


@pytest.fixture
def storage() -> FakeStorage:
    return FakeStorage()


@pytest.fixture
def metrics() -> FakeMetrics:
    return FakeMetrics()


@pytest.fixture
def worker(db: FakePorts, storage: FakeStorage, metrics: FakeMetrics) -> Worker:
    return make_worker(db, storage, metrics=metrics)
