"""The files of all owners, as a queue of work."""

from collections.abc import Sequence
from datetime import timedelta

from psycopg2.extras import Json

from chalicelib.adapters.postgres.adoption import adopt, adopt_rejected
from chalicelib.adapters.postgres.claims import claim, parse_claim
from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import (
    BLOCKS_ADOPTION,
    IS_QUEUED,
    LEASE_EXPIRED,
    STILL_CLAIMED,
    assignments,
    claim_parameters,
    move_to,
)
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.dead_letters import RECORD_DEAD_LETTER
from chalicelib.adapters.postgres.mapping import first_file, to_file
from chalicelib.adapters.postgres.outcomes import OUTCOME, UNSEARCHED, finish, outcome_parameters
from chalicelib.adapters.postgres.quotas import record_size_within_quotas
from chalicelib.adapters.postgres.rejections import REJECT_CLAIMED, REJECT_CLAIMED_INFECTED
from chalicelib.core.files.model import Analysis, AnalyzedObject, Failure, File, NewFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import KeyState
from chalicelib.core.scanning.verdicts import Verdict

RELEASE = f"UPDATE files SET {assignments(move_to(Status.UPLOADED))} WHERE {STILL_CLAIMED}"

OLDEST_WAIT = (
    f"SELECT now() - min(coalesce(files.queued_at, files.uploaded_at)) AS wait FROM files WHERE {IS_QUEUED}"
)

KEY_STATE = f"""
SELECT
    EXISTS (SELECT FROM files WHERE object_key = %(object_key)s) AS has_file,
    EXISTS (SELECT FROM files WHERE object_key = %(object_key)s AND status = 'rejected') AS is_rejected,
    EXISTS (SELECT FROM tombstones WHERE {BLOCKS_ADOPTION}) AS has_tombstone
"""

# Two SELECTs, each of which reads an index of its own from its beginning.
OVERDUE = f"""
SELECT {FILE_COLUMNS}
FROM (
    (
        SELECT * FROM files
        WHERE {IS_QUEUED}
            AND (
                {LEASE_EXPIRED}
                OR files.status = 'uploaded'
                AND extract(epoch FROM now() - files.status_since) > CASE
                    WHEN files.attempts_before > 0 AND files.attempts = files.attempts_before THEN 0 -- requeued
                    ELSE %(grace_period)s * power(2, files.attempts - files.attempts_before)
                END
            )
        ORDER BY files.status_since
        LIMIT %(limit)s
    )
    UNION ALL
    (
        SELECT * FROM files
        WHERE files.status = 'awaiting_upload' AND coalesce(files.check_at, files.expires_at) < now()
        ORDER BY coalesce(files.check_at, files.expires_at)
        LIMIT %(limit)s
    )
) AS files
ORDER BY files.status_since
LIMIT %(limit)s
"""

POSTPONE_CHECK = """
UPDATE files
SET check_at = least(files.expires_at, now() + (now() - files.created_at))
WHERE files.id = %(id)s AND files.status = 'awaiting_upload' AND files.expires_at > now()
"""

EXPIRE = f"""
UPDATE files
SET {assignments(move_to(Status.EXPIRED))}
WHERE files.id = %(id)s AND files.status = 'awaiting_upload'
RETURNING {FILE_COLUMNS}
"""

FAILED = {
    **move_to(Status.FAILED),
    **OUTCOME,
    **UNSEARCHED,
    "thumbnail_key": "NULL",
    "mismatch": "%(mismatch)s",
}

FAIL_EXHAUSTED = f"""
UPDATE files
SET {assignments(FAILED)}
WHERE files.id = %(id)s AND files.version = %(version)s
RETURNING {FILE_COLUMNS}
"""


class PostgresProcessingQueue:
    """Implements `chalicelib.core.processing.ports.ProcessingQueue`. Leases are measured by the database's clock,
    because workers' clocks differ."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, ref: ObjectRef, lease: timedelta) -> File | None:
        return parse_claim(self._database.fetch_all(*claim(ref, lease)))

    def finish(
        self,
        claimed: File,
        outcome: Analysis | Failure,
        analyzed_object: AnalyzedObject | None,
        thumbnail_key: str | None = None,
    ) -> File | None:
        statement, parameters = finish(claimed, outcome, analyzed_object, thumbnail_key)
        return first_file(self._database.fetch_all(statement, parameters))

    def release(self, claimed: File) -> None:
        self._database.execute(RELEASE, claim_parameters(claimed))

    def oldest_wait(self) -> timedelta | None:
        wait: timedelta | None = self._database.read(OLDEST_WAIT)[0].wait
        return wait

    def key_state(self, object_key: str) -> KeyState:
        row = self._database.read(KEY_STATE, {"object_key": object_key})[0]
        if row.is_rejected:
            return KeyState.REJECTED
        if row.has_file:
            return KeyState.FILE
        return KeyState.DELETED if row.has_tombstone else KeyState.UNKNOWN

    def adopt(self, file: NewFile, quotas: Quotas = UNLIMITED) -> None:
        adopt(self._database, file, quotas)

    def adopt_rejected(self, file: NewFile, failure: Failure) -> None:
        adopt_rejected(self._database, file, failure)

    def record_dead_letter(self, object_key: str, reason: str) -> bool:
        parameters = {"key": object_key, "detail": Json({"reason": reason})}
        return self._database.execute(RECORD_DEAD_LETTER, parameters) == 1

    def overdue(self, grace_period: timedelta, limit: int) -> Sequence[File]:
        parameters = {"grace_period": grace_period.total_seconds(), "limit": limit}
        return [to_file(row) for row in self._database.read(OVERDUE, parameters)]

    def postpone_check(self, file: File) -> bool:
        return self._database.execute(POSTPONE_CHECK, {"id": file.id}) == 1

    def record_size(self, claimed: File, size: int, quotas: Quotas) -> None:
        record_size_within_quotas(self._database, claimed, size, quotas)

    def reject(self, claimed: File, failure: Failure, infected_etag: str | None = None) -> File | None:
        statement = REJECT_CLAIMED if infected_etag is None else REJECT_CLAIMED_INFECTED
        parameters = {
            **claim_parameters(claimed),
            **outcome_parameters(failure),
            "verdict": Verdict.INFECTED,
            "etag": infected_etag,
        }
        return first_file(self._database.fetch_all(statement, parameters))

    def expire(self, file: File) -> File | None:
        return first_file(self._database.fetch_all(EXPIRE, {"id": file.id}))

    def fail_exhausted(self, file: File, failure: Failure) -> File | None:
        parameters = {"id": file.id, "version": file.version, **outcome_parameters(failure)}
        return first_file(self._database.fetch_all(FAIL_EXHAUSTED, parameters))
