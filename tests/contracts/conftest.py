"""The ports to the database: the fakes and the adapters."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.postgres import Database
from tests.database_ports import DatabasePorts, fake_ports, postgres_ports


@pytest.fixture(params=["fake", "postgres"])
def db(request: pytest.FixtureRequest) -> Iterator[DatabasePorts]:
    if request.param == "fake":
        yield fake_ports()
        return
    database = Database(request.getfixturevalue("database_url"))
    yield postgres_ports(database)
    database.engine.dispose()
