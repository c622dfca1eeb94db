"""The database's versions."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import NullPool, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from chalicelib.adapters.postgres.tables import files, metadata
from chalicelib.migrations import runner
from tests.conftest import empty_database

NEWEST = "0003"


def test_the_tables_are_what_the_migrations_make(database_url: str) -> None:
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
    """What compare_metadata doesn't look at: checks, and the conditions of indexes."""
    inspector = inspect(connection)
    assert inspector is not None
    return (
        sorted((check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table)),
        sorted((str(index["name"]), str(index)) for index in inspector.get_indexes(table)),
    )


def test_runs_that_start_together_wait_for_each_other(postgres_url: str) -> None:
    with empty_database(postgres_url) as url, ThreadPoolExecutor(4) as pool:
        versions = set(pool.map(lambda _: runner.upgrade(url), range(4)))
    assert versions == {NEWEST}


def test_it_does_not_wait_forever(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", "100ms")
    with empty_database(postgres_url) as url:
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": runner.ADVISORY_LOCK})
            with pytest.raises(DBAPIError, match="lock timeout"):
                runner.upgrade(url)
        assert runner.upgrade(url) == NEWEST


def test_files_of_before_get_their_first_entry(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the code of before goes on working beside the new version: it names no new column."""
    add = text(
        "INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at)"
        " VALUES (gen_random_uuid(), 'o', 'n', gen_random_uuid()::text, 1, :status, now()) RETURNING id"
    )
    with empty_database(postgres_url) as url:
        engine = create_engine(url, poolclass=NullPool)
        with monkeypatch.context() as earlier:
            earlier.setattr(runner, "TARGET", "0001")
            assert runner.upgrade(url) == "0001"
        with engine.begin() as connection:
            before = connection.execute(add, {"status": "processed"}).scalar_one()
        assert runner.upgrade(url) == NEWEST
        with engine.begin() as connection:
            after = connection.execute(add, {"status": "uploaded"}).scalar_one()
            entries = connection.execute(text("SELECT file_id, kind FROM history ORDER BY id")).all()
            assert [tuple(entry) for entry in entries] == [(before, "finished"), (after, "stored")]
            queued = select(files.c.queued_at == files.c.uploaded_at).where(files.c.id == before)
            assert connection.execute(queued).scalar_one()


def test_older_code_leaves_a_newer_database_alone(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Going back to an older commit, as docs/upgrading.md says."""
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert runner.upgrade(database_url) == "9999"
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["9999"]
    assert "version 9999, which newer code has made" in caplog.text
