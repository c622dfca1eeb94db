"""Give a row to an object under `uploads/` that has none."""

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, null, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.deletions import insert_tombstones
from chalicelib.adapters.postgres.fragments import typed
from chalicelib.adapters.postgres.mapping import error_columns, to_columns
from chalicelib.adapters.postgres.quotas import add_statement
from chalicelib.adapters.postgres.tables import files, tombstones
from chalicelib.adapters.postgres.usage import parse_usage
from chalicelib.core.files.model import Failure, NewFile
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.check_quotas import find_exceeded, reject
from chalicelib.core.limits.model import Quotas


def adopt(database: Database, file: NewFile, quotas: Quotas) -> None:
    """Add a row for the object, unless its key has one or was a deleted file's. One statement.

    Raises RejectedContentError: REJECTED_OVER_QUOTA. ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    values = {**to_columns(file), **_arrival(Status.UPLOADED)}
    needs = quotas.needs_of_new_file(file.size)
    if not needs:
        database.execute(_insert_unless_blocked(file, values))
        return
    has_row = files.c.object_key == file.object_key
    is_blocked = exists().where(blocks_adoption(file.object_key))
    row = database.fetch_all(add_statement(values, needs, has_row, is_blocked))[0]
    if row.id is None and row.used_files is not None:
        exceeded = find_exceeded(parse_usage(row), needs)
        if exceeded:
            reject(parse_usage(row), exceeded, file.size)


def adopt_rejected(database: Database, file: NewFile, failure: Failure) -> None:
    """Add a row in `rejected` for the object, and a tombstone, unless its key has a row or was a deleted file's.
    One statement. Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE."""
    values = {
        **to_columns(file),
        **_arrival(Status.REJECTED),
        **error_columns(failure),
        "processed_at": func.now(),
        "mismatch": False,
    }
    added = _insert_unless_blocked(file, values).returning(files).cte("added")
    objects = select(added.c.object_key, added.c.id, added.c.owner, cast(null(), Text))
    database.fetch_all(select(added.c.id).add_cte(insert_tombstones(objects).cte("tombstone")))


def blocks_adoption(object_key: str) -> ColumnElement[bool]:
    """Return the condition that, by a tombstone, an object with this key isn't new: the key is its file's own,
    which is never used again, or its object isn't deleted yet."""
    own_key = tombstones.c.object_key.startswith(func.concat(UPLOADS_PREFIX, tombstones.c.file_id, "/"))
    return and_(tombstones.c.object_key == object_key, or_(own_key, tombstones.c.cleared_at.is_(None)))


def _arrival(status: Status) -> dict[str, Any]:
    return {"status": status, "uploaded_at": func.now(), "queued_at": func.now()}


def _insert_unless_blocked(file: NewFile, values: dict[str, Any]) -> Insert:
    row = select(*(typed(name, value).label(name) for name, value in values.items())).where(
        ~exists().where(blocks_adoption(file.object_key))
    )
    return insert(files).from_select(list(values), row).on_conflict_do_nothing()
