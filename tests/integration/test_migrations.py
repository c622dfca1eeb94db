"""Migrations of the database."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import DBAPIError

from chalicelib.migrations import runner
from chalicelib.migrations.tables import metadata
from tests.conftest import empty_database
from tests.database_access import connect_to_url

NEWEST = "0016"


def test_tables_equal_the_migrated_schema(owner_database_url: str) -> None:
    engine = create_engine(owner_database_url, poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        made = {table: _details(connection, table) for table in metadata.tables}
    with empty_database(owner_database_url) as other:
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


def test_a_migration_waits_for_another_one_only_for_so_long(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", 0.2)
    with empty_database(postgres_url) as url:
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": runner.ADVISORY_LOCK})
            with pytest.raises(runner.MigrationLockedError):
                runner.upgrade(url)
        assert runner.upgrade(url) == NEWEST


def test_a_migration_fails_rather_than_wait_long_for_a_table(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", 0.2)
    with empty_database(postgres_url) as url:
        with monkeypatch.context() as earlier:
            earlier.setattr(runner, "HEAD", "0003")
            runner.upgrade(url)
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("LOCK TABLE files IN ACCESS SHARE MODE"))
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


ADD_MANY = """
    INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at, error_code, error_message, result)
    SELECT gen_random_uuid(), 'o', 'n', 'uploads/' || number, number,
        CASE WHEN number % 2 = 0 THEN 'failed' ELSE 'processed' END, now(),
        CASE number % 4 WHEN 0 THEN 'gave_up' WHEN 2 THEN 'too_costly' END, 'why',
        CASE WHEN number % 3 = 0 THEN '{"pdf": {"version": 1, "skipped": "killed_workers"}}'::jsonb END
    FROM generate_series(1, :count) AS number
"""


def test_no_migration_reads_rows_while_it_locks_the_table(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every request would wait for it. Whatever reads rows, such as building an index, takes a weaker lock."""
    locks_and_scans = """
        SELECT
            EXISTS (
                SELECT 1 FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'files'::regclass
                AND mode = 'AccessExclusiveLock'
            ),
            (SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'files')
    """
    transactions: list[tuple[bool, int]] = []
    scans_before = 0

    def read_scans(connection: Connection) -> tuple[bool, int]:
        cursor = connection.connection.cursor()
        cursor.execute(locks_and_scans)
        is_locked, scans = cursor.fetchone() or (False, 0)
        return is_locked, scans

    def begin(connection: Connection) -> None:
        """Leave out what the session did outside of transactions: its statistics last for up to a second."""
        nonlocal scans_before
        scans_before = read_scans(connection)[1]

    def observe(connection: Connection) -> None:
        is_locked, scans = read_scans(connection)
        transactions.append((is_locked, scans - scans_before))

    with empty_database(postgres_url) as url:
        with monkeypatch.context() as earlier:
            earlier.setattr(runner, "HEAD", "0001")
            runner.upgrade(url)
        with create_engine(url, poolclass=NullPool).begin() as connection:
            connection.execute(text(ADD_MANY), {"count": 100})
        event.listen(Engine, "begin", begin)
        event.listen(Engine, "commit", observe)
        try:
            runner.upgrade(url)
        finally:
            event.remove(Engine, "commit", observe)
            event.remove(Engine, "begin", begin)
    assert (True, 0) in transactions
    assert [scans for is_locked, scans in transactions if is_locked and scans] == []


def test_a_migration_takes_its_strongest_lock_first(postgres_url: str) -> None:
    """A claim reads `files` before it writes them. If it reads beside a migration that waits for writers, and that
    needs a stronger lock later, each waits for the other."""
    strong_locks = """
        SELECT relation, array_agg(mode) FROM pg_locks
        WHERE pid = pg_backend_pid() AND relation IN (to_regclass('files'), to_regclass('history'))
        AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        GROUP BY relation
    """
    held: dict[int, list[str]] = {}
    raised: list[str] = []

    def observe(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        nonlocal held
        cursor = connection.connection.cursor()
        cursor.execute(strong_locks)
        before, held = held, dict(cursor.fetchall())
        for relation, modes in held.items():
            if "AccessExclusiveLock" in modes and "AccessExclusiveLock" not in before.get(relation, modes):
                raised.append(statement)

    def end(_connection: Connection) -> None:
        held.clear()

    with empty_database(postgres_url) as url:
        event.listen(Engine, "after_cursor_execute", observe)
        event.listen(Engine, "commit", end)
        try:
            runner.upgrade(url)
        finally:
            event.remove(Engine, "after_cursor_execute", observe)
            event.remove(Engine, "commit", end)
    assert raised == []


def test_error_codes_of_older_rows_get_their_present_names(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 12_001  # three batches
    with empty_database(postgres_url) as url:
        with monkeypatch.context() as earlier:
            earlier.setattr(runner, "HEAD", "0003")
            runner.upgrade(url)
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text(ADD_MANY), {"count": count})
        runner.upgrade(url)
        with engine.begin() as connection:
            for table in ("files", "history"):
                counted = f"SELECT error_code, count(*) AS number FROM {table} GROUP BY 1"  # noqa: S608  # no input
                codes = connection.execute(text(counted)).all()
                assert {row.error_code: row.number for row in codes} == {
                    None: 6001,
                    "attempts_exhausted": 3000,
                    "resource_limit_exceeded": 3000,
                }
            skips = connection.execute(text("SELECT DISTINCT result -> 'pdf' ->> 'skipped' FROM files")).scalars()
            assert set(skips) == {None, "worker_crashes"}


SIZE_INDEX = "(owner, coalesce(size, -1), id)"


def test_an_interrupted_migration_is_continued(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with empty_database(postgres_url) as url:
        with monkeypatch.context() as earlier:
            earlier.setattr(runner, "HEAD", "0003")
            runner.upgrade(url)
        with connect_to_url(url) as connection:  # what a run leaves that ended before it was recorded
            connection.execute(text("ALTER TABLE files ADD COLUMN mismatch boolean"))
            connection.execute(text("CREATE INDEX files_listed_by_status ON files (owner)"))
            connection.execute(
                text(
                    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'files_listed_by_status'::regclass"
                )
            )
            connection.execute(text(f"CREATE INDEX files_listed_by_size ON files {SIZE_INDEX}"))
            built = connection.execute(text("SELECT 'files_listed_by_size'::regclass::oid")).scalar_one()
        assert runner.upgrade(url) == NEWEST
        with connect_to_url(url) as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            defined = text("SELECT pg_get_indexdef('files_listed_by_status'::regclass)")
            assert "COALESCE" in connection.execute(defined).scalar_one()
            kept = connection.execute(text("SELECT 'files_listed_by_size'::regclass::oid")).scalar_one()
            assert kept == built, "a valid index isn't built again"


def test_migrations_keep_the_lock_timeout(postgres_url: str) -> None:
    timeouts: list[str] = []

    def observe(connection: Connection) -> None:
        cursor = connection.connection.cursor()
        cursor.execute("SHOW lock_timeout")
        timeouts.extend(row[0] for row in cursor.fetchall())

    with empty_database(postgres_url) as url:
        event.listen(Engine, "commit", observe)
        try:
            runner.upgrade(url)
        finally:
            event.remove(Engine, "commit", observe)
    assert timeouts[-1] == f"{runner.LOCK_TIMEOUT:g}s"


def test_previous_code_knows_the_type_of_every_entry(database_url: str) -> None:
    """It reads the column `kind`, and fails for a type that it doesn't know."""
    known = {"announced", "stored", "event", "dead_letter", "claimed", "retried", "finished", "reopened"}
    known |= {"expired", "renamed", "deleted"}
    with create_engine(database_url, poolclass=NullPool).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO files (id, owner, name, object_key, size, status)"
                " VALUES (gen_random_uuid(), 'o', 'a.png', 'uploads/a', 1, 'processed')"
            )
        )
        connection.execute(text('UPDATE files SET metadata = \'{"order": "7"}\', version = version + 1'))
        connection.execute(text("UPDATE files SET name = 'b.png', version = version + 1"))
        entries = connection.execute(text("SELECT kind, newer_type, metadata FROM history ORDER BY id")).all()
    assert {entry.kind for entry in entries} <= known
    assert [(entry.newer_type, entry.metadata) for entry in entries] == [
        (None, None),
        ("metadata_changed", {"order": "7"}),
        (None, {"order": "7"}),
    ]


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ("status = 'processing', lease_until = now()", False),
        ("status = 'processed', name = 'b', result = '{}', mismatch = true", False),
        ("status = 'expired'", True),
        ("size = 2", True),
        ("size = NULL", True),
    ],
)
def test_an_update_calls_the_triggers_that_it_needs(database_url: str, change: str, counts: bool) -> None:
    with create_engine(database_url, poolclass=NullPool).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO files (id, owner, name, object_key, size, status)"
                " VALUES (gen_random_uuid(), 'o', 'a', 'uploads/a', 1, 'uploaded')"
            )
        )
        update = f"UPDATE files SET {change}, version = version + 1"  # noqa: S608  # no input
        [plan] = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {update}").scalar_one()
    called = {trigger["Trigger Name"] for trigger in plan["Triggers"] if trigger["Calls"]}
    assert called == {"record_change"} | ({"count_updated"} if counts else set())
