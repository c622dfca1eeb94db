"""The statements that the service sends to PostgreSQL, as PostgreSQL received them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from benchmarks.postgres_cursor import open_cursor

OWN = re.compile(r"pg_catalog|pg_type|SELECT 1$|hstore")
"""Statements of libraries that connect."""

LINE = re.compile(r"^.*?LOG:  (?:statement|execute [^:]*): ", re.MULTILINE)


@contextmanager
def recorded(url: str, log: Path) -> Iterator[list[str]]:
    """Let PostgreSQL log each statement to `log`, its log file; afterwards the list has those of the block.

    `url` is a superuser's. Those that only set something up are left out.
    """
    statements: list[str] = []
    _set(url, "ALTER SYSTEM SET log_statement = 'all'")
    try:
        begin = log.stat().st_size
        yield statements
        text = log.read_bytes()[begin:].decode()  # PostgreSQL logs a statement before it runs it
    finally:
        _set(url, "ALTER SYSTEM RESET log_statement")
    for entry in re.split(r"^(?=\S.*?(?:LOG|ERROR|FATAL):  )", text, flags=re.MULTILINE):
        if found := LINE.match(entry):
            statement = entry[found.end() :].strip()
            if re.match(r"(INSERT|UPDATE|SELECT|WITH|DELETE)\b", statement) and not OWN.search(statement):
                statements.append(statement)


def _set(url: str, statement: str) -> None:
    """Run a statement that changes the configuration, and wait until PostgreSQL has loaded that.

    It tells its processes before it accepts the connection that knows of it. They load it before their next
    statement.
    """
    with open_cursor(url) as cursor:
        cursor.execute(statement)
        cursor.execute("SELECT clock_timestamp()")
        [changed_at] = cursor.fetchone()
        cursor.execute("SELECT pg_reload_conf()")
    while _time_of_load(url) < changed_at:
        pass


def _time_of_load(url: str) -> datetime:
    """Return when PostgreSQL has last loaded its configuration, as a new connection knows it."""
    with open_cursor(url) as cursor:
        cursor.execute("SELECT pg_conf_load_time()")
        [loaded_at] = cursor.fetchone()
    assert isinstance(loaded_at, datetime)
    return loaded_at
