"""Each test has a database as if it were new."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from chalicelib.adapters.postgres.database import Database
from chalicelib.migrations.tables import metadata
from tests.conftest import empty_database
from tests.database_ports import add_uploaded, postgres_ports
from tests.reused_database import ReusedDatabase

TABLES = [*metadata.tables, "alembic_version"]


@pytest.fixture
def database(postgres_url: str, template_database: str) -> Iterator[ReusedDatabase]:
    database = ReusedDatabase(lambda: empty_database(postgres_url, template_database))
    yield database
    database.drop()


def connect(url: str) -> Connection:
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()


def read_all(url: str) -> dict[str, list[str]]:
    """Return the rows of each table, and the next numbers of the sequences."""
    with connect(url) as connection:
        rows = {
            table: sorted(connection.execute(text(f"SELECT {table}::text FROM {table}")).scalars())  # noqa: S608
            for table in TABLES
        }
        numbers = text("SELECT sequencename, start_value, last_value FROM pg_sequences")
        return rows | {"sequences": sorted(map(str, connection.execute(numbers)))}


@pytest.mark.parametrize("files", [1, 300])  # deletes and truncates
def test_the_next_test_has_a_database_as_if_it_were_new(database: ReusedDatabase, files: int) -> None:
    with database.lend() as url:
        new = read_all(url)
        ports = postgres_ports(Database(url))
        for number in range(files):
            add_uploaded(ports, f"{number}.txt")
        with connect(url) as connection:
            connection.execute(text("DELETE FROM long_poll_slots WHERE slot > 1"))
        filled = read_all(url)
        assert len(filled["files"]) == files
        assert filled["sequences"] != new["sequences"]
    with database.lend() as again:
        assert again == url
        assert read_all(again) == new


def test_connections_of_the_last_test_are_ended(database: ReusedDatabase) -> None:
    with database.lend() as url:
        left = connect(url)
        left.execute(text("BEGIN; LOCK TABLE files"))
    with database.lend(), pytest.raises(OperationalError):
        left.execute(text("SELECT 1"))
    left.invalidate()


@pytest.mark.parametrize(
    "change",
    ["ALTER TABLE files DISABLE TRIGGER USER", "CREATE INDEX i ON files (name)", "DROP TABLE files CASCADE"],
)
def test_after_a_change_of_the_schema_the_database_is_another(database: ReusedDatabase, change: str) -> None:
    with database.lend() as url, connect(url) as connection:
        connection.execute(text(change))
    with database.lend() as other:
        assert other != url
        assert read_all(other)["files"] == []
