"""Give a row to an object under `uploads/` that has none."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Text, cast, exists, func, null, select
from sqlalchemy.dialects.postgresql import Insert, insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.deletions import insert_tombstones
from chalicelib.adapters.postgres.fragments import typed
from chalicelib.adapters.postgres.mapping import error_columns, to_columns
from chalicelib.adapters.postgres.quotas import NewRow, SameFile, blocks_adoption, try_to_add
from chalicelib.adapters.postgres.tables import files
from chalicelib.adapters.postgres.usage import parse_usage
from chalicelib.core.files.model import Failure, NewFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.check_quotas import find_exceeded, reject
from chalicelib.core.limits.model import Quotas


def adopt(database: Database, file: NewFile, quotas: Quotas) -> None:
    """Add a row for the object, unless its key has one or was a deleted file's. One statement.

    Raises RejectedContentError: REJECTED_OVER_QUOTA. ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    needs = quotas.needs_of_new_file(file.size)
    if not needs:
        database.execute(_insert_unless_blocked(file, {**to_columns(file), **_arrival(Status.UPLOADED)}))
        return
    values = {**to_columns(file), "status": Status.UPLOADED}
    times = dict.fromkeys(("uploaded_at", "queued_at"), timedelta(0))
    row = try_to_add(database, NewRow(values, times, needs, SameFile.BY_OBJECT_KEY))
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


def _arrival(status: Status) -> dict[str, Any]:
    return {"status": status, "uploaded_at": func.now(), "queued_at": func.now()}


def _insert_unless_blocked(file: NewFile, values: dict[str, Any]) -> Insert:
    row = select(*(typed(name, value).label(name) for name, value in values.items())).where(
        ~exists().where(blocks_adoption(file.object_key))
    )
    return insert(files).from_select(list(values), row).on_conflict_do_nothing()
