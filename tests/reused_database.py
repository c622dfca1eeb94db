"""A migrated database that tests have one after the other, each as if it were new.

To make a database for each test takes five times as long as to empty the tables that the test has filled. A test
that changes the schema gets its own, in effect: the database is made again after it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from sqlalchemy import Connection, Engine, create_engine, text

NewDatabase = Callable[[], AbstractContextManager[str]]
"""Makes a migrated database, yields its URL with the role that owns its tables, and drops it."""

_RECORD_SCHEMA_CHANGES = """
CREATE SCHEMA tests;
CREATE TABLE tests.schema_changes (command text);
CREATE FUNCTION tests.record_schema_change() RETURNS event_trigger SECURITY DEFINER LANGUAGE plpgsql AS
    'BEGIN INSERT INTO tests.schema_changes VALUES (tg_tag); END';
CREATE EVENT TRIGGER record_schema_change ON ddl_command_end EXECUTE FUNCTION tests.record_schema_change();
"""

_SEEDED_TABLES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""

_END_OTHER_CONNECTIONS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

# TRUNCATE makes new files for a table and each of its indexes, which takes longer than to delete few rows.
# PostgreSQL plans for a table of up to ten pages as for a new one: up to 64 KiB, deleted rows make no difference.
_EMPTY_TABLES = """
DO $$
DECLARE
    filled record;
    seeded text;
    changed bool;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true); -- no trigger records the deletions
    FOR filled IN
        SELECT relname AS name, pg_relation_size(oid) > 65536 AS large FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
            AND NOT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'seeds' AND tablename = relname)
    LOOP
        EXECUTE format(CASE WHEN filled.large THEN 'TRUNCATE public.%I CASCADE' ELSE 'DELETE FROM public.%I' END,
            filled.name);
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL;
    FOR seeded IN SELECT tablename FROM pg_tables WHERE schemaname = 'seeds' LOOP
        EXECUTE format(
            'SELECT EXISTS ((TABLE public.%1$I EXCEPT ALL TABLE seeds.%1$I)
                UNION ALL (TABLE seeds.%1$I EXCEPT ALL TABLE public.%1$I))', seeded) INTO changed;
        IF changed THEN
            EXECUTE format('TRUNCATE public.%1$I CASCADE; INSERT INTO public.%1$I TABLE seeds.%1$I', seeded);
        END IF;
    END LOOP;
END $$
"""


class ReusedDatabase:
    """Gives the same database to one test after the other, while none changes its schema.

    What it needs to know of the database at first, it keeps in the schemas `tests` and `seeds` of this database.
    """

    def __init__(self, new_database: NewDatabase) -> None:
        self._new_database = new_database
        self._present = ExitStack()
        self._engine: Engine | None = None

    @contextmanager
    def lend(self) -> Iterator[str]:
        """Yield the URL of the database, which has no rows but those of the migrations."""
        if self._engine is None:
            self._engine = self._create()
        yield self._engine.url.render_as_string(hide_password=False)
        with self._engine.connect() as connection:
            changed = self._empty(connection)
        if changed:
            self.drop()

    def drop(self) -> None:
        """Drop the database, if there is one."""
        self._present.close()
        self._engine = None

    def _create(self) -> Engine:
        url = self._present.enter_context(self._new_database())
        # A test may have ended this connection, which the pool then opens again.
        engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)
        self._present.callback(engine.dispose)
        with engine.connect() as connection:
            seeded = connection.execute(text(_SEEDED_TABLES)).scalars().all()
            connection.execute(text("CREATE SCHEMA seeds"))
            for table in seeded:
                connection.execute(text(f'CREATE TABLE seeds."{table}" AS TABLE public."{table}"'))
            connection.execute(text(_RECORD_SCHEMA_CHANGES))
        return engine

    @staticmethod
    def _empty(connection: Connection) -> bool:
        """Return whether the schema has changed. If not, the tables are as they were at first."""
        connection.execute(text(_END_OTHER_CONNECTIONS))
        if connection.execute(text("SELECT EXISTS (SELECT FROM tests.schema_changes)")).scalar_one():
            return True
        connection.execute(text(_EMPTY_TABLES))
        return False
