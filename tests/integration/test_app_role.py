"""What the role of the functions may do in the database: read and write rows, and nothing else."""

import pytest
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from chalicelib.migrations import runner
from chalicelib.migrations.tables import metadata
from emulator.postgres import APP_ROLE
from tests.conftest import empty_database

TABLES = sorted(table.name for table in metadata.sorted_tables)


def connect(url: str) -> Connection:
    return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT").connect()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("privilege", ["SELECT", "INSERT", "UPDATE", "DELETE"])
def test_the_role_reads_and_writes_the_rows_of_every_table(database_url: str, table: str, privilege: str) -> None:
    with connect(database_url) as connection:
        assert connection.scalar(text(f"SELECT has_table_privilege('{table}', '{privilege}')"))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE t (a int)",
        "CREATE SCHEMA s",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE r",
        "CREATE DATABASE d",
        "CREATE INDEX i ON files (name)",
        "CREATE TRIGGER t BEFORE DELETE ON files FOR EACH ROW EXECUTE FUNCTION record_history()",
        "ALTER TABLE files ADD COLUMN a int",
        "ALTER TABLE files DISABLE TRIGGER ALL",
        "ALTER ROLE postgres PASSWORD 'x'",
        "DROP TABLE files",
        "TRUNCATE files CASCADE",
        "SET ROLE postgres",
        "SET session_replication_role = replica",
        "SELECT * FROM alembic_version",
        "UPDATE alembic_version SET version_num = '0001'",
        "SELECT rolpassword FROM pg_authid",
        "COPY files TO PROGRAM 'true'",
        "SELECT pg_read_file('PG_VERSION')",
    ],
)
def test_the_role_can_do_nothing_else(database_url: str, statement: str) -> None:
    with connect(database_url) as connection, pytest.raises(ProgrammingError) as caught:
        connection.execute(text(statement))
    assert getattr(caught.value.orig, "pgcode", "") in {"42501", "0LP01"}, (
        caught.value
    )  # no privilege, not the grantor


def test_tables_of_later_migrations_are_the_role_s_too(database_url: str, owner_database_url: str) -> None:
    with connect(owner_database_url) as owner:
        owner.execute(text("CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY, serial serial)"))
    with connect(database_url) as connection:
        connection.execute(text("INSERT INTO later DEFAULT VALUES"))
        assert connection.scalar(text("SELECT count(*) FROM later")) == 1


def test_an_owner_that_is_no_superuser_can_migrate(postgres_url: str) -> None:
    """As RDS's master user, which may create roles, and grants `rds_iam`. The role exists already here: another
    database's migration has created it."""
    with empty_database(postgres_url) as url, connect(url) as administrator:
        database = make_url(url).database
        administrator.execute(text("CREATE ROLE master LOGIN CREATEROLE"))
        administrator.execute(text("CREATE ROLE rds_iam"))
        administrator.execute(text("GRANT rds_iam TO master WITH ADMIN OPTION"))
        administrator.execute(text(f"ALTER DATABASE {database} OWNER TO master"))
        try:
            runner.upgrade(make_url(url).set(username="master").render_as_string())
            assert administrator.scalar(text(f"SELECT pg_has_role('{APP_ROLE}', 'rds_iam', 'MEMBER')"))
            assert not administrator.scalar(
                text(f"SELECT has_database_privilege('{APP_ROLE}', '{database}', 'TEMP')")
            )
            with connect(make_url(url).set(username=APP_ROLE).render_as_string()) as app:
                assert app.scalar(text("SELECT count(*) FROM files")) == 0
        finally:
            administrator.execute(text("DROP OWNED BY master CASCADE"))
            administrator.execute(text(f"ALTER DATABASE {database} OWNER TO CURRENT_USER"))
            administrator.execute(text("DROP ROLE rds_iam; DROP ROLE master"))
