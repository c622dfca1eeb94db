"""The ports: the fakes and the adapters."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.s3.connection_pool import ConnectionPool
from chalicelib.core.storage import Storage
from tests.contracts.storage_client import new_bucket, send_by_requests
from tests.database_ports import DatabasePorts, fake_ports, postgres_ports
from tests.fakes.storage import FakeStorage


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture(params=["fake", "postgres"])
def db(request: pytest.FixtureRequest) -> DatabasePorts:
    return fake_ports() if request.param == "fake" else postgres_ports(request.getfixturevalue("database"))


@pytest.fixture(params=["fake", "moto", "ministack"])
def storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    if request.param == "fake":
        yield FakeStorage()
    elif request.param == "moto":
        monkeypatch.setattr(ConnectionPool, "request", send_by_requests)
        with mock_aws():  # in this process
            yield new_bucket()
    else:
        yield new_bucket(request.getfixturevalue("ministack_url"))
