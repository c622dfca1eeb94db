"""Connections to PostgreSQL: what opening one costs, which one a statement gets, and what it returns."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from select import select
from socket import SHUT_WR, socket
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from psycopg2.extras import Json

from chalicelib.adapters.postgres import connection_pool
from chalicelib.adapters.postgres.database import Database
from chalicelib.core.errors import ServiceError
from chalicelib.core.files.statuses import Status
from tests.database_access import connect_to

PID = "SELECT pg_backend_pid() AS pid"

NUMBERS = [0, -1, 2**53 + 1, 2**63, -(2**63) - 1, 10**40, 0.1, -1.5e-300, 1e22, 1.7976931348623157e308]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, connections=2)
    yield database
    database.close()


def pids(database: Database, threads: int) -> set[int]:
    """Return the connections that so many threads get at once, by the id of their server process."""
    at_once = Barrier(threads)

    def run(_: int) -> int:
        at_once.wait()
        return int(database.read("SELECT pg_backend_pid() AS pid, pg_sleep(0.1)")[0].pid)

    with ThreadPoolExecutor(threads) as pool:
        return set(pool.map(run, range(threads)))


def end(database: Database, *ended: int) -> None:
    """End server processes, as a restart does."""
    with connect_to(database) as connection:
        for pid in ended:
            connection.exec_driver_sql("SELECT pg_terminate_backend(%(pid)s, 5000)", {"pid": pid})


def test_opening_a_connection_takes_no_statement(database: Database) -> None:
    with database._pool.connection() as opened, connect_to(database) as observer:
        last = observer.exec_driver_sql(
            "SELECT query FROM pg_stat_activity WHERE pid = %(pid)s", {"pid": opened.info.backend_pid}
        )
        assert last.scalar_one() == ""


def test_threads_share_the_connections_and_use_the_last_one_first(database: Database) -> None:
    assert len(pids(database, 2)) == 2
    (last,) = database.read(PID)
    assert [database.read(PID)[0] for _ in range(3)] == [last] * 3
    assert len(pids(database, 4)) == 2


def test_a_thread_that_waits_for_too_long_gets_none(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection_pool, "CONNECT_TIMEOUT", 0.01)
    with (
        database._pool.connection(),
        database._pool.connection(),
        pytest.raises(ServiceError, match="database_unavailable"),
    ):
        database.read(PID)
    assert caplog.messages == [
        "the database is not available: NoConnectionLeftError: all 2 have been in use for 0.01 s"
    ]
    assert database.read(PID)


def test_a_retry_uses_no_other_connection_that_is_dead(database: Database) -> None:
    ended = pids(database, 2)
    end(database, *ended)
    assert database.read(PID)[0].pid not in ended
    assert not pids(database, 2) & ended


def test_a_connection_that_was_used_while_another_one_was_lost_is_not_kept(database: Database) -> None:
    with database._pool.connection() as used:
        first = database.read(PID)[0].pid
        end(database, first)
        database.read(PID)
    assert used.closed
    assert used.info.backend_pid not in pids(database, 2)


def test_a_statement_that_is_lost_twice_is_an_error(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ServiceError, match="database_unavailable"):
        database.read("SELECT pg_terminate_backend(pg_backend_pid())")
    lost, reason = caplog.messages
    assert lost == "the connection to the database was lost; retrying once"
    assert reason.startswith("the database is not available: ")
    assert database.read(PID)


def test_a_statement_that_cannot_be_sent_is_retried(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """PostgreSQL has sent something before it closed the connection, as it does when another of its processes has
    crashed. psycopg2 says then that the connection is open."""
    with database._pool.connection() as connection, connection.cursor() as cursor:
        cursor.execute("LISTEN warnings")
        with connect_to(database) as other:
            other.exec_driver_sql("NOTIFY warnings")
        assert select([connection], [], [], 5)[0]
        with socket(fileno=os.dup(connection.fileno())) as shared:
            shared.shutdown(SHUT_WR)
    assert database.read(PID)
    assert caplog.messages == ["the connection to the database was lost; retrying once"]
    assert connection.closed


def test_a_refused_statement_keeps_its_connection(database: Database) -> None:
    (before,) = database.read(PID)
    with pytest.raises(Exception, match="UndefinedTable"):
        database.read("SELECT FROM nothing")
    assert database.read(PID)[0] == before


def test_an_interruption_closes_the_connection(database: Database) -> None:
    (before,) = database.read(PID)
    with pytest.raises(KeyboardInterrupt), database._pool.connection():
        raise KeyboardInterrupt
    assert database.read(PID)[0] != before


def test_values_keep_their_types(database: Database) -> None:
    values = {
        "id": UUID(int=7),
        "time": timedelta(seconds=1.5),
        "names": ["a", "b%"],
        "status": Status.UPLOADED,
        "nothing": None,
    }
    selected = ", ".join(f"%({name})s AS {name}" for name in values)
    (row,) = database.read(f"SELECT {selected}, ARRAY[%(id)s, NULL] AS ids, '100%%' AS literal, now()", values)
    assert row._asdict() | {"now": None} == values | {
        "status": "uploaded",
        "ids": [UUID(int=7), None],
        "literal": "100%",
        "now": None,
    }
    assert row.now.utcoffset() == timedelta(0)


@pytest.mark.parametrize("value", [*NUMBERS, None, '\u00e9\U0001f600\\"', {"a": [{}, [], True, 1.0]}, ["x"]])
def test_json_is_read_as_the_standard_library_reads_it(database: Database, value: Any) -> None:
    (row,) = database.read(
        "SELECT %(value)s::jsonb AS value, %(value)s::jsonb::text AS text", {"value": Json(value)}
    )
    expected = json.loads(row.text)
    assert (row.value, type(row.value)) == (expected, type(expected))


@pytest.mark.parametrize("url", ["postgresql://u:se%cret@host/d", "postgresql://u:secret@host:x/d", "secret"])
def test_a_url_that_cannot_be_read_is_logged_without_its_password(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ServiceError, match="database_unavailable"):
        Database(url).read(PID)
    assert caplog.messages
    assert "cret" not in caplog.text
