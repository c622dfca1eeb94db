"""The JSON form of what happened to files: entries of timelines and of the change feed."""

from typing import Annotated, Any, TypeVar
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.core.changes.history import HistoryEntry, HistoryEventType
from chalicelib.core.files.statuses import Status
from chalicelib.core.scanning.verdicts import Verdict
from chalicelib.http.resources.times import Time, rfc3339

T = TypeVar("T")


class TimelineEntry(Struct):
    """An entry of a file's timeline. Fields that don't apply are left out."""

    at: Annotated[Time, Meta(description="When it happened.")]
    type: Annotated[HistoryEventType, Meta(description="What happened.")]
    status: Annotated[Status | UnsetType, Meta(description="Of the file, after it.")] = UNSET
    version: Annotated[int | UnsetType, Meta(description="Of the file, after it.")] = UNSET
    attempts: Annotated[int | UnsetType, Meta(description="Of the file, after it.")] = UNSET
    error: Annotated[
        str | UnsetType, Meta(description="The code of a failure; a file's `error` is an object.")
    ] = UNSET
    verdict: Annotated[
        Verdict | UnsetType, Meta(description="Of the latest malware scan of the file's bytes, after it.")
    ] = UNSET
    event: Annotated[
        dict[str, Any] | UnsetType,
        Meta(
            description="Of S3's event its `etag`, `size` and `sequencer`; of a dead letter its `reason`.",
        ),
    ] = UNSET


def timeline_entry(entry: HistoryEntry) -> TimelineEntry:
    """Return the JSON form of an entry of a file's timeline."""
    return TimelineEntry(
        at=rfc3339(entry.at),
        type=entry.type,
        status=_or_unset(entry.status),
        version=_or_unset(entry.version),
        attempts=_or_unset(entry.attempts),
        error=_or_unset(entry.error_code),
        verdict=_or_unset(entry.verdict),
        event=_or_unset(entry.detail),
    )


def _or_unset(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


class ChangeResource(Struct):
    """An entry of the change feed, which has all of the owner's files."""

    seq: Annotated[int, Meta(ge=1, description="Number of the change. Numbers grow but may skip values.")]
    id: Annotated[UUID, Meta(description="The file's `id`.")]
    at: Annotated[Time, Meta(description="When it changed.")]
    type: Annotated[HistoryEventType, Meta(description="What happened.")]
    status: Annotated[Status, Meta(description="Of the file, after the change.")]
    version: Annotated[int, Meta(description="Of the file, after the change.")]
    attempts: Annotated[int, Meta(description="Of the file, after the change.")]
    error: Annotated[str | None, Meta(description="The code of a failed file; otherwise null.")]
    mismatch: Annotated[
        bool | None,
        Meta(
            description="As in the file's `types`. Null before processing, where it wasn't recorded yet, and "
            "where a file was renamed while it was processed: the file itself always has it."
        ),
    ]
    metadata: Annotated[
        dict[str, str], Meta(description="Of the file, after the change; of a deleted one, before.")
    ]
    verdict: Annotated[
        Verdict | None,
        Meta(description="Of the latest malware scan of the file's bytes, after the change; null without one."),
    ]


def change_resource(entry: HistoryEntry) -> ChangeResource:
    """Return the JSON form of an entry of the change feed, which has its `seq` by then."""
    assert entry.seq is not None
    assert entry.status is not None
    assert entry.version is not None
    assert entry.attempts is not None
    return ChangeResource(
        seq=entry.seq,
        id=entry.file_id,
        at=rfc3339(entry.at),
        type=entry.type,
        status=entry.status,
        version=entry.version,
        attempts=entry.attempts,
        error=entry.error_code,
        mismatch=entry.mismatch,
        metadata=dict(entry.metadata),
        verdict=entry.verdict,
    )
