"""Migrations of the database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from chalicelib.adapters.postgres.tables import metadata
from chalicelib.migrations import runner
from tests.conftest import empty_database

NEWEST = "0003"


def test_tables_equal_the_migrated_schema(database_url: str) -> None:
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        made = {table: _details(connection, table) for table in metadata.tables}
    with empty_database(database_url) as other:
        engine = create_engine(other, poolclass=NullPool)
        metadata.create_all(engine)
        with engine.connect() as connection:
            assert {table: _details(connection, table) for table in metadata.tables} == made


def _details(connection: object, table: str) -> object:
    """Return what compare_metadata ignores: checks, and the conditions of indexes."""
    inspector = inspect(connection)
    assert inspector is not None
    return (
        sorted((check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table)),
        sorted((str(index["name"]), str(index)) for index in inspector.get_indexes(table)),
    )


def test_concurrent_migrations_wait_for_each_other(postgres_url: str) -> None:
    with empty_database(postgres_url) as url, ThreadPoolExecutor(4) as pool:
        versions = set(pool.map(lambda _: runner.upgrade(url), range(4)))
    assert versions == {NEWEST}


def test_migration_gives_up_waiting_for_a_lock(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "100ms")
    with empty_database(postgres_url) as url:
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": runner.ADVISORY_LOCK})
            with pytest.raises(DBAPIError, match="lock timeout"):
                runner.upgrade(url)
        assert runner.upgrade(url) == NEWEST


def test_previous_code_works_on_the_new_schema(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The previous code names no new column."""
    add = text(
        "INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at)"
        " VALUES (gen_random_uuid(), 'o', 'n', gen_random_uuid()::text, 1, :status, now()) RETURNING id"
    )
    with empty_database(postgres_url) as url:
        engine = create_engine(url, poolclass=NullPool)
        with monkeypatch.context() as earlier:
            earlier.setattr(runner, "HEAD", "0001")
            assert runner.upgrade(url) == "0001"
        with engine.begin() as connection:
            before = connection.execute(add, {"status": "processed"}).scalar_one()
        assert runner.upgrade(url) == NEWEST
        with engine.begin() as connection:
            after = connection.execute(add, {"status": "uploaded"}).scalar_one()
            connection.execute(text("UPDATE files SET name = 'x', version = version + 1"))
            entries = connection.execute(text("SELECT file_id, kind FROM history ORDER BY id")).all()
            assert {tuple(entry) for entry in entries} == {
                (after, "stored"),
                (before, "renamed"),
                (after, "renamed"),
            }


def test_no_migration_rewrites_the_table_of_files(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new column locks the table: every request would wait until the rewrite is done."""
    with empty_database(postgres_url) as url:
        with monkeypatch.context() as earlier:
            earlier.setattr(runner, "HEAD", "0001")
            runner.upgrade(url)
        scanned = text("SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'files'")
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            before = connection.execute(scanned).one()
        runner.upgrade(url)
        with engine.begin() as connection:
            assert connection.execute(scanned).one() == before
