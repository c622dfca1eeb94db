"""API tokens as a table on a terminal, as lines with tabs between the values otherwise, or as JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from filectl.output import Column, Output
from filectl.text import local_time, printable, utc_time

if TYPE_CHECKING:
    from file_loader_client import Token

OWNER_WIDTH = 16
DATE_WIDTH = 10
"""Of YYYY-MM-DD."""
WIDTH_WITH_DATE = 100
"""Columns of a terminal that has room for the date of the last use."""


def write_tokens(output: Output, tokens: Sequence["Token"]) -> None:
    """Print a list of tokens."""
    if output.as_json:
        output.write_json(tokens)
    elif output.is_table:
        _write_table(output, tokens)
    else:
        for token in tokens:
            output.write("\t".join(_values(token)))


def _write_table(output: Output, tokens: Sequence["Token"]) -> None:
    """Print a table. The id is never cut: `token revoke` needs it."""
    has_date = get_terminal_size().columns >= WIDTH_WITH_DATE
    owner_width = min(OWNER_WIDTH, max((len(printable(token.owner)) for token in tokens), default=0))
    columns = [
        Column("ID", 36),
        Column("STATE", 7),
        Column("SCOPE", 5),
        Column("OWNER", owner_width),
        *([Column("LAST USED", DATE_WIDTH)] if has_date else []),
        Column("NAME"),
    ]
    for token in tokens:
        owner = printable(token.owner)
        values = [
            token.id,
            _state(token),
            ",".join(token.scopes),
            owner if len(owner) <= OWNER_WIDTH else f"{owner[: OWNER_WIDTH - 1]}…",
            *([local_time(token.last_used_at)[:DATE_WIDTH]] if has_date else []),
            printable(token.name),
        ]
        output.write_row(columns, values)


def _values(token: "Token") -> list[str]:
    """Return the values of a line. Times are RFC 3339 in UTC."""
    times = [utc_time(time) for time in (token.created_at, token.expires_at, token.last_used_at)]
    return [token.id, _state(token), ",".join(token.scopes), printable(token.owner), *times, printable(token.name)]


def _state(token: "Token") -> str:
    if token.revoked_at is not None:
        return "revoked"
    is_expired = token.expires_at is not None and token.expires_at <= datetime.now(UTC)
    return "expired" if is_expired else "valid"
