"""The statement that deletes a file and leaves a tombstone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Row, Select, case, delete, exists, func, null, select, true
from sqlalchemy.dialects.postgresql import Insert, insert

from chalicelib.adapters.postgres.fragments import IS_AWAITING_BYTES, belongs_to, owned
from chalicelib.adapters.postgres.tables import files, tombstones
from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.ports import DeletedFile


def delete_leaving_tombstone(
    owners: Owners, file_id: UUID, condition: ColumnElement[bool] | None = None
) -> Executable:
    """Return the statement that deletes the file, if it fulfils the condition, and adds a tombstone; or finds the
    tombstone of an earlier call. Its rows are for `parse_deleted`."""
    deleted = (
        delete(files)
        .where(owned(owners, file_id), true() if condition is None else condition)
        .returning(
            files.c.object_key,
            files.c.id,
            files.c.owner,
            files.c.thumbnail_key,
            case((IS_AWAITING_BYTES, files.c.multipart_upload_id)).label("multipart_upload_id"),
        )
        .cte("deleted")
    )
    added = (
        insert_tombstones(
            select(deleted.c.object_key, deleted.c.id, deleted.c.owner, deleted.c.multipart_upload_id)
        )
        .returning(tombstones.c.object_key)
        .cte("added")
    )
    pending = select(
        tombstones.c.object_key, tombstones.c.multipart_upload_id, null().label("thumbnail_key")
    ).where(
        tombstones.c.file_id == file_id,
        belongs_to(owners, tombstones.c.owner),
        tombstones.c.cleared_at.is_(None),
        ~exists().where(files.c.id == tombstones.c.file_id),  # a rejected file has a row and a tombstone
    )
    return (
        select(added.c.object_key, deleted.c.multipart_upload_id, deleted.c.thumbnail_key)
        .join(deleted, deleted.c.object_key == added.c.object_key)
        .union_all(pending)
    )


def insert_tombstones(rows: Select[Any]) -> Insert:
    """Return the INSERT of tombstones from rows of object key, file id, owner and multipart upload id.

    A key may have a tombstone already: another tool may put an object under it again after an earlier one was
    deleted.
    """
    statement = insert(tombstones).from_select(["object_key", "file_id", "owner", "multipart_upload_id"], rows)
    return statement.on_conflict_do_update(
        index_elements=[tombstones.c.object_key],
        set_={
            "file_id": statement.excluded.file_id,
            "owner": statement.excluded.owner,
            "multipart_upload_id": statement.excluded.multipart_upload_id,
            "deleted_at": func.now(),
            "cleared_at": None,
        },
    )


def parse_deleted(rows: Sequence[Row[Any]]) -> DeletedFile | None:
    """Return the deleted file, None if nothing was deleted."""
    return DeletedFile(**rows[0]._asdict()) if rows else None
