"""Finished files whose type mismatch isn't stored."""

from collections.abc import Sequence

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import IS_DONE
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.core.files.model import File

NEXT_BATCH = f"""
SELECT {FILE_COLUMNS} FROM files
WHERE files.mismatch IS NULL AND {IS_DONE}
ORDER BY files.id
LIMIT %(limit)s
"""

STORE = """
UPDATE files
SET mismatch = computed.mismatch
FROM unnest(%(ids)s::uuid[], %(versions)s::integer[], %(mismatches)s::boolean[])
    AS computed (id, version, mismatch)
WHERE files.id = computed.id AND files.version = computed.version
"""


class PostgresMismatchBacklog:
    """Implements `chalicelib.core.sweep.ports.MismatchBacklog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_batch(self, limit: int) -> Sequence[File]:
        return [to_file(row) for row in self._database.read(NEXT_BATCH, {"limit": limit})]

    def store(self, batch: Sequence[File]) -> None:
        parameters = {
            "ids": [file.id for file in batch],
            "versions": [file.version for file in batch],
            "mismatches": [file.mismatch for file in batch],
        }
        self._database.execute(STORE, parameters)
