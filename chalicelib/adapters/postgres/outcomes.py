"""The statement that stores the outcome of processing, and what such statements set."""

from typing import Any

from psycopg2.extras import Json

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import (
    REQUEUED,
    STILL_CLAIMED,
    assignments,
    claim_parameters,
    move_to,
)
from chalicelib.adapters.postgres.mapping import checksum_columns, error_columns
from chalicelib.adapters.postgres.search_columns import search_columns
from chalicelib.core.files.model import Analysis, AnalyzedObject, Failure, File, analysis_of
from chalicelib.core.files.statuses import Status

OUTCOME = {
    "processed_at": "now()",
    "error_code": "%(error_code)s",
    "error_message": "%(error_message)s",
    "detected_type": "%(detected_type)s",
    "result": "%(result)s::jsonb",
}
"""A failure without an analysis removes an earlier result, which is no longer true."""

SEARCHED = {
    "search_terms": (
        "CASE WHEN files.name = %(name)s AND files.search_name IS NOT NULL THEN %(search_terms)s::integer[] END"
    ),
    "search_words": "%(search_words)s::tsvector",
    "search_version": "files.version + 1",
}
"""What the file is found by. The sweep stores the terms of a file that was renamed meanwhile, or whose name was
stored by code from before 0013: that of a file with terms has to be in `search_name`, too."""

UNSEARCHED = {"search_words": "NULL"}
"""Of a file that ends without processing: the texts of an earlier result. The sweep stores the new one's."""

OBJECT = {
    "size": "%(size)s",
    "etag": "%(etag)s",
    "checksum_algorithm": "%(checksum_algorithm)s",
    "checksum_value": "%(checksum_value)s",
}

SCAN = {
    "scan_verdict": "%(verdict)s",
    "scanned_at": "now()",
    "scan_etag": "%(etag)s",
    "scan_check_at": "NULL",
}
"""What changes with a scan that the worker has made."""


def _finish(**columns: str) -> str:
    """Return the statement that stores the outcome and sets these columns, or requeues the file if its object was
    replaced since the claim. Its new version has the outcome of the earlier object until then, but no error."""
    replaced = "files.changed_to IS DISTINCT FROM %(etag)s::text AND files.changed_to IS NOT NULL"
    finished = {**OUTCOME, **move_to(Status.PROCESSED), "status": "%(status)s", "changed_to": "NULL"}
    requeued = {
        name: value
        if value == (otherwise := finished.get(name, f"files.{name}"))
        else f"CASE WHEN {replaced} THEN {value} ELSE {otherwise} END"
        for name, value in REQUEUED.items()
    }
    mismatch = "CASE WHEN files.name = %(name)s THEN %(mismatch)s END"
    values = {
        **finished,
        **requeued,
        "mismatch": mismatch,
        **SEARCHED,
        "thumbnail_key": "%(thumbnail_key)s",
        **columns,
    }
    return f"UPDATE files SET {assignments(values)} WHERE {STILL_CLAIMED} RETURNING {FILE_COLUMNS}"


FINISH_WITHOUT_OBJECT = _finish()
"""The columns of an earlier object stay."""

FINISH = _finish(**OBJECT)
FINISH_SCANNED = _finish(**OBJECT, **SCAN)


def finish(
    claimed: File,
    outcome: Analysis | Failure,
    analyzed_object: AnalyzedObject | None,
    thumbnail_key: str | None,
) -> tuple[str, dict[str, Any]]:
    """Return the statement that stores the outcome of this claim, and its parameters."""
    analysis = analysis_of(outcome)
    detected_type, result = (analysis.detected_type, analysis.result) if analysis else (None, None)
    parameters = {
        **claim_parameters(claimed),
        **outcome_parameters(outcome),
        **search_columns(claimed.owner, claimed.name, detected_type, result),
        "status": "failed" if isinstance(outcome, Failure) else "processed",
        "name": claimed.name,
        "thumbnail_key": thumbnail_key,
        "etag": None,
    }
    if analyzed_object is None:
        return FINISH_WITHOUT_OBJECT, parameters
    parameters |= {
        "size": analyzed_object.size,
        "etag": analyzed_object.etag,
        **checksum_columns(analyzed_object.checksum),
    }
    if analyzed_object.verdict is None:
        return FINISH, parameters
    return FINISH_SCANNED, {**parameters, "verdict": analyzed_object.verdict}


def outcome_parameters(outcome: Analysis | Failure) -> dict[str, Any]:
    """Return the parameters of `OUTCOME`, and `mismatch`."""
    analysis = analysis_of(outcome)
    return {
        **error_columns(outcome),
        "detected_type": analysis.detected_type if analysis else None,
        "result": Json(analysis.result) if analysis else None,
        "mismatch": analysis is not None and analysis.mismatch,
    }
