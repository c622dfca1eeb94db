"""Files without columns that are computed from others: the type mismatch, and what the file is found by."""

from collections.abc import Sequence

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import IS_DONE
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.adapters.postgres.search_columns import search_columns
from chalicelib.core.files.model import File
from chalicelib.core.files.search_terms import normalize_text

NEXT_BATCH = f"""
SELECT {FILE_COLUMNS} FROM files
WHERE files.id IN (
    (SELECT files.id FROM files WHERE files.mismatch IS NULL AND {IS_DONE} ORDER BY files.id LIMIT %(limit)s)
    UNION ALL
    (
        SELECT files.id FROM files
        WHERE files.search_terms IS NULL
            AND (
                files.status NOT IN ('awaiting_upload', 'uploaded', 'processing')
                OR files.status_since < now() - interval '10 minutes'
            )
        ORDER BY files.owner, files.id
        LIMIT %(limit)s
    )
)
ORDER BY files.id
LIMIT %(limit)s
"""
"""Processing stores the terms. Of a file that waits for long, such as one whose bytes are still on their way, the
sweep does so, because a search reads all files that have none."""

STORE = f"""
UPDATE files
SET mismatch = CASE WHEN {IS_DONE} THEN computed.mismatch ELSE files.mismatch END,
    search_name = computed.name,
    search_terms = computed.terms::integer[],
    search_words = computed.words::tsvector,
    search_version = files.version
FROM unnest(
    %(ids)s::uuid[],
    %(versions)s::integer[],
    %(mismatches)s::boolean[],
    %(names)s::text[],
    %(terms)s::text[],
    %(words)s::text[]
) AS computed (id, version, mismatch, name, terms, words)
WHERE files.id = computed.id AND files.version = computed.version
"""


class PostgresComputedColumns:
    """Implements `chalicelib.core.sweep.ports.ComputedColumns`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_batch(self, limit: int) -> Sequence[File]:
        return [to_file(row) for row in self._database.read(NEXT_BATCH, {"limit": limit})]

    def store(self, batch: Sequence[File]) -> None:
        found_by = [search_columns(file.owner, file.name, file.detected_type, file.result) for file in batch]
        parameters = {
            "ids": [file.id for file in batch],
            "versions": [file.version for file in batch],
            "mismatches": [file.mismatch for file in batch],
            "names": [normalize_text(file.name) for file in batch],
            "terms": [each["search_terms"] for each in found_by],
            "words": [each["search_words"] for each in found_by],
        }
        self._database.execute(STORE, parameters)
