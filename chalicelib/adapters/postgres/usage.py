"""What each owner has stored. Triggers on `files` count it (migration 0011)."""

from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Row, case, cast, func, literal_column, select

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.tables import usage
from chalicelib.core.limits.model import Usage

TODAY: ColumnElement[Any] = cast(func.timezone("UTC", func.now()), Date)

_IS_EARLIER = usage.c.day < TODAY

_TOMORROW = func.greatest(usage.c.day, TODAY) + literal_column("1")
"""Never before the time of the row's last change, whose statement may have begun after this one."""

USED: list[ColumnElement[Any]] = [
    func.coalesce(usage.c.files, 0).label("used_files"),
    func.coalesce(usage.c.bytes, 0).label("used_bytes"),
    case((_IS_EARLIER, 0), else_=func.coalesce(usage.c.files_today, 0)).label("used_files_today"),
    case((_IS_EARLIER, 0), else_=func.coalesce(usage.c.bytes_today, 0)).label("used_bytes_today"),
    func.now().label("measured_at"),
    func.timezone("UTC", cast(_TOMORROW, DateTime)).label("day_ends_at"),
]
"""The columns of `parse_usage`; `used_…` ends with the name of a `Quota`."""


class PostgresUsageCounts:
    """Implements `chalicelib.core.limits.ports.UsageCounts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, owner: str) -> Usage:
        always = select(literal_column("1")).subquery("always")
        statement = select(*USED).select_from(always.outerjoin(usage, usage.c.owner == owner))
        return parse_usage(self._database.read(statement)[0])


def parse_usage(row: Row[Any]) -> Usage:
    return Usage(
        files=row.used_files,
        bytes=row.used_bytes,
        files_today=row.used_files_today,
        bytes_today=row.used_bytes_today,
        measured_at=row.measured_at,
        day_ends_at=row.day_ends_at,
    )
