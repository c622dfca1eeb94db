"""Files that are marked to be processed again."""

from collections.abc import Sequence
from uuid import UUID

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import IS_DONE
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.core.files.model import File
from chalicelib.core.processing.ports import MarkedBatch, ProcessorCatalog

# Results may be large: none is read for each version that it is compared with. A result is null in JSON where the
# code from before has stored a failure without an analysis.
MARK = f"""
WITH batch AS (
    SELECT
        id,
        {IS_DONE} AS is_done,
        detected_type,
        result IS NOT NULL AS has_result,
        (
            SELECT jsonb_object_agg(fact.key, fact.value -> 'version')
            FROM jsonb_each(CASE jsonb_typeof(result) WHEN 'object' THEN result END) AS fact
        ) AS versions,
        scan_etag IS DISTINCT FROM etag AS has_no_verdict
    FROM files
    WHERE %(after)s::uuid IS NULL OR id > %(after)s::uuid
    ORDER BY id
    LIMIT %(limit)s
),
marked AS (
    INSERT INTO outdated (file_id)
    SELECT id FROM batch
    WHERE is_done
        AND (
            EXISTS (
                SELECT FROM unnest(%(processors)s::text[], %(versions)s::integer[]) AS current (name, version)
                WHERE (batch.versions ->> current.name)::integer < current.version
            )
            OR has_result AND versions IS NULL AND EXISTS (
                SELECT FROM unnest(%(types)s::text[]) AS accepted (type)
                WHERE starts_with(batch.detected_type, accepted.type)
            )
            OR %(scans_files)s AND has_no_verdict
        )
    ON CONFLICT DO NOTHING
    RETURNING file_id
)
SELECT
    (SELECT count(*) FROM batch) AS examined,
    (SELECT count(*) FROM marked) AS marked,
    (SELECT id FROM batch ORDER BY id DESC LIMIT 1) AS last_id
"""

NEXT_BATCH = f"""
SELECT {FILE_COLUMNS}
FROM files JOIN outdated ON outdated.file_id = files.id
WHERE {IS_DONE}
ORDER BY files.id
LIMIT %(limit)s
"""

UNMARK = "DELETE FROM outdated WHERE file_id = %(id)s"


class PostgresReprocessQueue:
    """Implements `chalicelib.core.processing.ports.ReprocessQueue`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self, catalog: ProcessorCatalog, after: UUID | None, limit: int) -> MarkedBatch:
        parameters = {
            "after": after,
            "limit": limit,
            "processors": list(catalog.versions),
            "versions": list(catalog.versions.values()),
            "types": list(catalog.types),
            "scans_files": catalog.scans_files,
        }
        row = self._database.fetch_all(MARK, parameters)[0]
        return MarkedBatch(row.examined, row.marked, row.last_id)

    def next_batch(self, limit: int) -> Sequence[File]:
        return [to_file(row) for row in self._database.read(NEXT_BATCH, {"limit": limit})]

    def unmark(self, file_id: UUID) -> None:
        self._database.execute(UNMARK, {"id": file_id})
