"""The statements that the service sends to PostgreSQL, as PostgreSQL received them."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.postgres_cursor import open_cursor

OWN = re.compile(r"pg_catalog|pg_reload_conf|pg_type|SELECT 1$|hstore")
"""Statements of libraries that connect, and of `recorded`."""

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
        time.sleep(0.2)
    finally:
        _set(url, "ALTER SYSTEM RESET log_statement")
    text = log.read_bytes()[begin:].decode()
    for entry in re.split(r"^(?=\S.*?(?:LOG|ERROR|FATAL):  )", text, flags=re.MULTILINE):
        if found := LINE.match(entry):
            statement = entry[found.end() :].strip()
            if re.match(r"(INSERT|UPDATE|SELECT|WITH|DELETE)\b", statement) and not OWN.search(statement):
                statements.append(statement)


def _set(url: str, statement: str) -> None:
    with open_cursor(url) as cursor:
        cursor.execute(statement)
        cursor.execute("SELECT pg_reload_conf()")
    time.sleep(0.3)
