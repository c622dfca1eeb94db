"""Upgrade a database to the newest version of the schema."""

import logging
import time
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text

from chalicelib.adapters.postgres.auth import Auth, generate_password

ADVISORY_LOCK = 0x66696C65
"""Any number that nothing else in the database uses; this one reads `file`."""

LOCK_TIMEOUT = 10.0
"""Seconds to wait for another migration, or for a lock on a table. A migration that waits longer for a table would
make every query queue behind it, so it fails instead and can be run again."""

POLL_INTERVAL = 0.1
"""Seconds between two tries for the advisory lock."""

HEAD = "head"
"""The newest version."""

STATEMENT_TIMEOUT = "5min"

log = logging.getLogger(__name__)


class MigrationLockedError(Exception):
    """Another migration of this database has been running for longer than LOCK_TIMEOUT."""


def upgrade(url: str, auth: Auth | None = None) -> str:
    """Run the missing migrations, each in a transaction of its own, and return the database's version.

    With `auth` the URL holds no password. A version that this code doesn't know was made by newer code, before
    a rollback to this one: the schema stays as it is and its version is returned.

    Concurrent runs wait for each other (an advisory lock of the session). Raises MigrationLockedError after
    LOCK_TIMEOUT, and sqlalchemy.exc.DBAPIError where a migration fails; what came before it is committed, and the
    next run continues there.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if auth:
        _use_auth(auth, engine)
    with engine.connect() as connection:  # closing it ends the session, and with it the settings and the lock
        _take_lock(connection)
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT:g}s'"))
        connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
        version = _current_version(connection)
        if version and not _is_known(config, version):
            log.warning("the database is at version %s, which newer code made; leaving it as it is", version)
            return version
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
        return str(_current_version(connection))


def _use_auth(auth: Auth, engine: Engine) -> None:
    """Let every connection that the engine opens use a new password from `auth`."""

    @event.listens_for(engine, "do_connect")
    def set_password(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        parameters["password"] = generate_password(auth, parameters)


def _take_lock(connection: Connection) -> None:
    """Take the advisory lock by trying again and again.

    A session that waits for it inside of a statement would hold a snapshot, for which CREATE INDEX CONCURRENTLY of
    the session that holds the lock waits in turn: a deadlock.
    """
    end = time.monotonic() + LOCK_TIMEOUT
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": ADVISORY_LOCK}):
        connection.rollback()
        if time.monotonic() > end:
            raise MigrationLockedError(
                f"Another migration has been running for {LOCK_TIMEOUT:g} s. Try again later."
            )
        time.sleep(POLL_INTERVAL)
    connection.commit()


def _current_version(connection: Connection) -> str | None:
    version = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    return version


def _is_known(config: Config, version: str) -> bool:
    return any(script.revision == version for script in ScriptDirectory.from_config(config).walk_revisions())
