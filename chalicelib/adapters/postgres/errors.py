"""Errors of the database, without the values of its rows.

PostgreSQL quotes them: `DETAIL: Key (object_key)=(uploads/…/name.pdf) already exists.` SQLAlchemy adds the
parameters, which `hide_parameters` removes. What is logged, or raised to where it is logged, is made here.
"""

from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_QUOTING_CLASSES = ("22", "42601")
"""SQLSTATEs whose message itself quotes a value: data exceptions, as `invalid input syntax for type uuid: "x"`,
and syntax errors, because psycopg2 puts the values into the statement.
https://www.postgresql.org/docs/current/errcodes-appendix.html"""


class StatementError(Exception):
    """PostgreSQL refused a statement, which is a bug."""


def describe_error(error: SQLAlchemyError) -> str:
    """Return the error's class, its SQLSTATE, the names in the schema that it is about, and its message.

    The message is left out if it may quote a value, and so are always the detail, the context and the parameters.
    """
    if not isinstance(error, DBAPIError):
        return f"{type(error).__name__}: {error}"
    original: Any = error.orig  # psycopg2 has no types
    if original.pgcode is None:  # there is no connection, or no longer: the message is libpq's
        return f"{type(original).__name__}: {str(original).strip()}"
    diagnostics = original.diag
    names = (diagnostics.table_name, diagnostics.column_name, diagnostics.constraint_name)
    parts = [f"{type(original).__name__} {original.pgcode}", *(name for name in names if name)]
    if not original.pgcode.startswith(_QUOTING_CLASSES):
        parts.append(str(diagnostics.message_primary))
    return ": ".join(parts)
