"""Errors of the database, without the values of its rows.

PostgreSQL quotes them: `DETAIL: Key (object_key)=(uploads/…/name.pdf) already exists.` What is logged, or raised
to where it is logged, is made here.
"""

import psycopg2

_QUOTING_CLASSES = ("22", "42601")
"""SQLSTATEs whose message itself quotes a value: data exceptions, as `invalid input syntax for type uuid: "x"`,
and syntax errors, because psycopg2 puts the values into the statement.
https://www.postgresql.org/docs/current/errcodes-appendix.html"""


class StatementError(Exception):
    """PostgreSQL refused a statement, which is a bug."""


def describe_error(error: Exception) -> str:
    """Return the error's class, its SQLSTATE, the names in the schema that it is about, and its message.

    The message is left out if it may quote a value, and so are always the detail and the context.
    """
    if not isinstance(error, psycopg2.Error):
        return f"{type(error).__name__}: {error}"
    if error.pgcode is None:  # there is no connection, or no longer: the message is libpq's
        return f"{type(error).__name__}: {str(error).strip()}"
    diagnostics = error.diag
    names = (diagnostics.table_name, diagnostics.column_name, diagnostics.constraint_name)
    parts = [f"{type(error).__name__} {error.pgcode}", *(name for name in names if name)]
    if not error.pgcode.startswith(_QUOTING_CLASSES):
        parts.append(str(diagnostics.message_primary))
    return ": ".join(parts)
