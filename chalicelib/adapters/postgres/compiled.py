"""Statements that are still SQLAlchemy's expressions, as SQL text. It goes with the last of them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

DIALECT = PGDialect_psycopg2()  # type: ignore[no-untyped-call]


def compile_statement(
    statement: Executable, parameters: Mapping[str, Any] | None
) -> tuple[str, Mapping[str, Any]]:
    """Return the text and the parameters."""
    compiled: Any = statement.compile(dialect=DIALECT)  # type: ignore[attr-defined]
    values = compiled.construct_params(parameters)
    expanded = compiled._process_parameters_for_postcompile(values)
    values = {**values, **expanded.additional_parameters}
    processors = {**compiled._bind_processors, **expanded.processors}
    return expanded.statement, {
        name: processors[name](value) if callable(processors.get(name)) else value
        for name, value in values.items()
        if name not in expanded.parameter_expansion
    }
