"""The migration that counts what each owner has stored, on a database with files, beside requests."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from threading import Event, Thread

import pytest
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text

from chalicelib.migrations import runner
from tests.conftest import empty_database

BEFORE = "0010"

ADD_MANY = """
    INSERT INTO files (id, owner, name, object_key, size, status)
    SELECT gen_random_uuid(), 'owner-' || number % :owners, 'n', 'before/' || number,
        CASE WHEN number % 7 = 0 THEN NULL ELSE number END,
        (ARRAY['awaiting_upload', 'uploaded', 'processed', 'failed', 'expired', 'rejected'])[1 + number % 6]
    FROM generate_series(1, :count) AS number
"""

STORED = """
    SELECT owner, count(*), coalesce(sum(size), 0)::bigint
    FROM files WHERE status NOT IN ('expired', 'rejected') GROUP BY owner
"""

COUNTED = "SELECT owner, files, bytes FROM usage WHERE files <> 0 OR bytes <> 0"

WRITES = (
    "INSERT INTO files (id, owner, name, object_key, size, status)"
    " VALUES (gen_random_uuid(), 'owner-' || :n % 50, 'n', 'meanwhile/' || :n, :n, 'awaiting_upload')",
    "UPDATE files SET size = coalesce(size, 0) + 1, status = 'processed', version = version + 1"
    " WHERE object_key = 'before/' || :n",
    "UPDATE files SET status = 'expired', version = version + 1 WHERE object_key = 'before/' || (:n + 1000)",
    "DELETE FROM files WHERE object_key = 'before/' || (:n + 2000)",
)


@contextmanager
def full_database(postgres_url: str, monkeypatch: pytest.MonkeyPatch, rows: int, owners: int) -> Iterator[str]:
    """A database before the migration."""
    with empty_database(postgres_url) as url:
        with monkeypatch.context() as earlier:
            earlier.setattr(runner, "HEAD", BEFORE)
            runner.upgrade(url)
        with create_engine(url, poolclass=NullPool).begin() as connection:
            connection.execute(text(ADD_MANY), {"count": rows, "owners": owners})
        yield url


def rows_of(url: str, query: str) -> set[tuple[str, int, int]]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return {(row[0], row[1], row[2]) for row in connection.execute(text(query))}


def test_files_of_before_count_although_others_write(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with full_database(postgres_url, monkeypatch, 5000, 3000) as url:
        stop, numbers = Event(), count(1)

        def write(statement: str) -> None:
            with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
                while not stop.is_set():
                    connection.execute(text(statement), {"n": next(numbers)})

        with ThreadPoolExecutor(len(WRITES)) as pool:
            writers = [pool.submit(write, statement) for statement in WRITES]
            runner.upgrade(url)
            stop.set()
            for writer in writers:
                writer.result()
        assert rows_of(url, COUNTED) == rows_of(url, STORED)
        assert next(numbers) > 20


def test_an_interrupted_run_is_continued(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends between two batches, after which others write, and runs again from its beginning."""
    with full_database(postgres_url, monkeypatch, 2500, 2500) as url:
        batches = 0

        def interrupt(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
            nonlocal batches
            batches += "unnest" in statement
            if batches == 2:
                raise InterruptedError

        event.listen(Engine, "before_cursor_execute", interrupt)
        try:
            with pytest.raises(InterruptedError):
                runner.upgrade(url)
        finally:
            event.remove(Engine, "before_cursor_execute", interrupt)
        assert batches == 2
        with create_engine(url, poolclass=NullPool).begin() as connection:
            connection.execute(text("DELETE FROM files WHERE object_key LIKE 'before/1%'"))
        assert rows_of(url, COUNTED) != rows_of(url, STORED)
        runner.upgrade(url)
        assert rows_of(url, COUNTED) == rows_of(url, STORED)


def test_a_transaction_that_wrote_before_the_triggers_is_counted(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full_database(postgres_url, monkeypatch, 10, 3) as url:
        with create_engine(url, poolclass=NullPool).begin() as connection:
            connection.execute(text("UPDATE files SET size = 1000"))
            migration = Thread(target=runner.upgrade, args=(url,))
            migration.start()
            migration.join(0.5)
            assert migration.is_alive(), "it must wait for the transaction"
        migration.join()
        assert rows_of(url, COUNTED) == rows_of(url, STORED)
