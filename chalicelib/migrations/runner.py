"""Bringing a database to the newest version."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, text

from chalicelib.adapters.postgres.logins import Login, log_in_with

ADVISORY_LOCK = 0x66696C65
"""Any number that nothing else in the database uses; this one reads `file`."""

LOCK_TIMEOUT = "10s"
"""A migration that waits longer for a table's lock gives up rather than make every query queue behind it."""

TARGET = "head"
"""The newest version."""

STATEMENT_TIMEOUT = "5min"

log = logging.getLogger(__name__)


def upgrade(url: str, login: Login | None = None) -> str:
    """Run the migrations that are missing, all in one transaction, and return the database's version.

    With a `login` the URL holds no password.
    A version that this code doesn't know was made by newer code, before somebody went back to this one: it stays
    as it is and is returned.
    Runs that start together wait for each other (an advisory lock, which ends with the transaction), for at
    most LOCK_TIMEOUT. Raises sqlalchemy.exc.DBAPIError; then nothing has changed.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    engine = create_engine(url, poolclass=NullPool)
    if login:
        log_in_with(login, engine)
    with engine.begin() as connection:
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        version = MigrationContext.configure(connection).get_current_revision()
        if version and not _knows(config, version):
            log.warning("The database is at version %s, which newer code has made; it stays so", version)
            return version
        config.attributes["connection"] = connection
        command.upgrade(config, TARGET)
        return str(MigrationContext.configure(connection).get_current_revision())


def _knows(config: Config, version: str) -> bool:
    return any(script.revision == version for script in ScriptDirectory.from_config(config).walk_revisions())
