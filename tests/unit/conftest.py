"""The use cases' surroundings: fakes."""

import pytest

from chalicelib.core.processing.process_file import Worker
from tests.fake_metrics import FakeMetrics
from tests.fake_rows import FakeRows
from tests.fake_storage import FakeStorage
from tests.unit.on_fakes import worker_of


@pytest.fixture
def rows() -> FakeRows:
    return FakeRows()


@pytest.fixture
def storage() -> FakeStorage:
    return FakeStorage()


@pytest.fixture
def metrics() -> FakeMetrics:
    return FakeMetrics()


@pytest.fixture
def worker(rows: FakeRows, storage: FakeStorage, metrics: FakeMetrics) -> Worker:
    return worker_of(rows, storage, metrics=metrics)
