"""Migrate a database to the newest version."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text

from chalicelib.adapters.postgres.auth import Auth, use_auth

ADVISORY_LOCK = 0x66696C65
"""Any number that nothing else in the database uses; this one is `file` in ASCII."""

LOCK_TIMEOUT = "10s"
"""A migration that waits longer for a table's lock fails, rather than block every query behind it."""

HEAD = "head"
"""The newest version."""

STATEMENT_TIMEOUT = "5min"

log = logging.getLogger(__name__)


def upgrade(url: str, auth: Auth | None = None) -> str:
    """Run the missing migrations, all in one transaction, and return the database's version.

    With `auth` the URL holds no password.
    A version that this code doesn't know is of newer code, before a rollback to this one: it is kept and returned.
    Concurrent runs wait for each other (an advisory lock, which ends with the transaction), for at most
    LOCK_TIMEOUT. Raises sqlalchemy.exc.DBAPIError; then nothing has changed.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    engine = create_engine(url, poolclass=NullPool)
    if auth:
        use_auth(auth, engine)
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        version = MigrationContext.configure(connection).get_current_revision()
        if version and not _is_known(config, version):
            log.warning("the database is at version %s of newer code; not migrating", version)
            return version
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
        return str(MigrationContext.configure(connection).get_current_revision())


def _is_known(config: Config, version: str) -> bool:
    return any(script.revision == version for script in ScriptDirectory.from_config(config).walk_revisions())
