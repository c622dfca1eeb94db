"""The files."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.adapters.postgres.columns import FILE_COLUMNS, json_or_null
from chalicelib.adapters.postgres.conditions import (
    IS_AWAITING_BYTES,
    IS_DONE,
    REQUEUED,
    assignments,
    insertion,
    owned,
)
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.deletions import delete_leaving_tombstone, parse_deleted
from chalicelib.adapters.postgres.file_lists import list_files
from chalicelib.adapters.postgres.mapping import NEW_FILE, first_file, new_file_parameters, to_file
from chalicelib.adapters.postgres.quotas import NewRow, SameFile, add_within_quotas
from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import DeletedFile, Listing, NewName
from chalicelib.core.files.search_terms import normalize_text
from chalicelib.core.limits.model import UNLIMITED, Quotas

if TYPE_CHECKING:
    from chalicelib.adapters.postgres.search_statistics import SearchStatisticsReader

ADDED = {**NEW_FILE, "status": "'awaiting_upload'", "expires_at": "now() + %(expires_in)s"}

# There is a conflict if a connection was lost, and the statement runs again.
ADD = f"INSERT INTO files {insertion(ADDED)} ON CONFLICT (id) DO NOTHING"

UPLOADED = {
    "status": f"CASE WHEN {IS_AWAITING_BYTES} THEN 'uploaded' ELSE files.status END",
    "status_since": f"CASE WHEN {IS_AWAITING_BYTES} THEN now() ELSE files.status_since END",
    "uploaded_at": "coalesce(files.uploaded_at, now())",
    "queued_at": "coalesce(files.queued_at, now())",
    "etag": "coalesce(files.etag, %(etag)s)",
    "version": f"files.version + CASE WHEN {IS_AWAITING_BYTES} THEN 1 ELSE 0 END",
}


CLEARED_TERMS = {"search_terms": "CASE WHEN files.name = %(name)s THEN files.search_terms END"}
"""Until the sweep has stored those of another name, the file is found without them."""


class PostgresFiles:
    """Implements `chalicelib.core.files.ports.Files`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @cached_property
    def _statistics(self) -> "SearchStatisticsReader":
        from chalicelib.adapters.postgres.search_statistics import SearchStatisticsReader

        return SearchStatisticsReader(self._database)

    def add(self, file: NewFile, expires_in: timedelta, quotas: Quotas = UNLIMITED) -> None:
        parameters = new_file_parameters(file) | {"expires_in": expires_in}
        if needs := quotas.needs_of_new_file(file.size):
            add_within_quotas(self._database, NewRow(ADDED, parameters, needs, SameFile.BY_ID))
            return
        self._database.execute(ADD, parameters)

    def mark_uploaded(self, owner: str, file_id: UUID, etag: str | None) -> File | None:
        return self._update(owner, file_id, UPLOADED, {"etag": etag})

    def get(self, owners: Owners, file_id: UUID) -> File | None:
        is_file, parameters = owned(owners, file_id)
        return first_file(self._database.read(f"SELECT {FILE_COLUMNS} FROM files WHERE {is_file}", parameters))

    def list(self, owners: Owners, query: ListQuery) -> Listing:
        rows = self._database.read(*list_files(owners, query, lambda: self._statistics.read()))
        shown = [row for row in rows if not row.beyond][: query.limit]
        return Listing([to_file(row) for row in shown], len(rows) > len(shown))

    def update(
        self,
        owners: Owners,
        file_id: UUID,
        *,
        name: NewName | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> File | None:
        values, parameters = dict[str, str](), dict[str, Any]()
        if name is not None:
            values["name"] = "%(name)s"
            parameters |= {"name": name.name, "search_name": normalize_text(name.name)}
        if metadata is not None:
            values["metadata"] = "%(metadata)s::jsonb"
            parameters["metadata"] = json_or_null(metadata)
        differs = " OR ".join(f"files.{column} IS DISTINCT FROM {value}" for column, value in values.items())
        values["version"] = f"files.version + CASE WHEN {differs or 'false'} THEN 1 ELSE 0 END"
        if name is not None:
            values["mismatch"] = "CASE WHEN files.version = %(name_version)s THEN %(mismatch)s END"
            values |= {"search_name": "%(search_name)s", "search_version": values["version"], **CLEARED_TERMS}
            parameters |= {"name_version": name.version, "mismatch": name.mismatch}
        return self._update(owners, file_id, values, parameters)

    def requeue(self, owners: Owners, file_id: UUID) -> File | None:
        return self._update(owners, file_id, REQUEUED, {}, IS_DONE)

    def delete_leaving_tombstone(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        return parse_deleted(self._database.fetch_all(*delete_leaving_tombstone(owners, file_id)))

    def _update(
        self,
        owners: Owners,
        file_id: UUID,
        values: dict[str, str],
        parameters: dict[str, Any],
        condition: str = "true",
    ) -> File | None:
        """Update the file, if it fulfils the condition, and return it."""
        is_file, id_parameters = owned(owners, file_id)
        statement = f"""
UPDATE files
SET {assignments(values)}
WHERE {is_file} AND {condition}
RETURNING {FILE_COLUMNS}
"""
        return first_file(self._database.fetch_all(statement, id_parameters | parameters))
