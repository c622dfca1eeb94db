"""Statements to PostgreSQL, each of which commits by itself."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2


@contextmanager
def open_cursor(url: str) -> Iterator[Any]:
    """Yield a cursor on a connection of its own (psycopg2 has no types)."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
