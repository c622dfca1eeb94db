"""The rows: the fake ones and the real ones alike."""

from collections.abc import Iterator

import pytest

from chalicelib.adapters.postgres import Database
from tests.contracts.on_rows import PostgresRows, Rows
from tests.fake_rows import FakeRows


@pytest.fixture(params=["fake", "postgres"])
def rows(request: pytest.FixtureRequest) -> Iterator[Rows]:
    if request.param == "fake":
        yield FakeRows()
        return
    database = Database(request.getfixturevalue("database_url"))
    yield PostgresRows(database)
    database.engine.dispose()
