"""Resources: the JSON form of files, timelines, changes and health."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.core.changes.history import HistoryEntry, HistoryEventType
from chalicelib.core.errors import FILE_ERRORS
from chalicelib.core.files.filenames import MAX_NAME_LENGTH
from chalicelib.core.files.model import File
from chalicelib.core.files.statuses import Status
from chalicelib.core.health.check_health import ComponentStatus, Health
from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.processing.result_size import MAX_RESULT_BYTES, trim_facts

T = TypeVar("T")

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""RFC 3339, in UTC with milliseconds."""
Url = Annotated[str, Meta(extra_json_schema={"format": "uri"})]

FileErrorCode = Annotated[
    str,
    Meta(
        description="The code of a failure.",
        extra_json_schema={
            "enum": [kind.code for kind in FILE_ERRORS],
            "x-enumDescriptions": {kind.code: kind.message for kind in FILE_ERRORS},
        },
    ),
]


class TypesResource(Struct):
    """Media types of a file."""

    declared: Annotated[str | None, Meta(description="What the client declared.")]
    extension: Annotated[str | None, Meta(description="What the name's extension implies.")]
    detected: Annotated[str | None, Meta(description="What the content is; null before processing.")]
    mismatch: Annotated[
        bool, Meta(description="Whether the content contradicts the declared type or the extension.")
    ]


class ChecksumResource(Struct):
    """A digest of all the file's bytes."""

    algorithm: Annotated[str, Meta(description="`sha256`, unless S3 already had another one: then `crc64nvme`.")]
    value: Annotated[str, Meta(description="Hexadecimal, in lower case.")]


class FileErrorResource(Struct):
    """Why processing a file failed."""

    code: FileErrorCode
    message: Annotated[str, Meta(description="What is wrong, and what to do.")]


class FileResource(Struct):
    """A file. Its first four fields are compatible with the service that this one replaces."""

    id: Annotated[UUID, Meta(description="A UUID (version 7).")]
    file: Annotated[Url, Meta(description="URL of the content.")]
    uploaded_at: Annotated[Time | None, Meta(description="When the bytes were stored; null before that.")]
    processed: Annotated[bool, Meta(description="Whether `status` is `processed`.")]
    name: Annotated[
        str,
        Meta(
            max_length=MAX_NAME_LENGTH,
            description="The file's name. Of a name with `/` or `\\` only what follows the last one is kept: "
            "`a/b` becomes `b`, in uploads and in `PATCH`.",
        ),
    ]
    size: Annotated[int | None, Meta(description="Bytes; null until it is known.")]
    status: Annotated[Status, Meta(description="Where the file is on its way to `processed`.")]
    processed_at: Annotated[Time | None, Meta(description="When processing ended; null before that.")]
    attempts: Annotated[int, Meta(ge=0, description="How often processing was started.")]
    types: TypesResource
    checksum: Annotated[
        ChecksumResource | None, Meta(description="A digest of all the file's bytes; null until it is known.")
    ]
    result: Annotated[
        dict[str, Any] | None,
        Meta(description="The facts from the processor, under its name; null before processing."),
    ]
    error: Annotated[FileErrorResource | None, Meta(description="Why processing failed; null if it didn't.")]
    thumbnail: Annotated[Url | None, Meta(description="URL of the thumbnail, if there is one.")]
    owner: Annotated[str, Meta(description="`DEFAULT_OWNER`, until accounts exist.")]
    version: Annotated[int, Meta(ge=0, description="Grows with every change of the file.")]


def file_resource(file: File, base_url: str) -> FileResource:
    """Return the file's JSON form. `base_url` is the base of this API's URLs."""
    return FileResource(
        id=file.id,
        file=f"{base_url}/api/files/{file.id}/content",
        uploaded_at=_rfc3339_or_none(file.uploaded_at),
        processed=file.status is Status.PROCESSED,
        name=file.name,
        size=file.size,
        status=file.status,
        processed_at=_rfc3339_or_none(file.processed_at),
        attempts=file.attempts,
        types=TypesResource(
            declared=file.declared_type,
            extension=type_of_extension(file.name),
            detected=file.detected_type,
            mismatch=file.is_mismatched,
        ),
        checksum=ChecksumResource(file.checksum.algorithm, file.checksum.value) if file.checksum else None,
        result=file.result,
        error=FileErrorResource(file.failure.code, file.failure.message) if file.failure else None,
        thumbnail=f"{base_url}/api/files/{file.id}/thumbnail" if file.thumbnail_key else None,
        owner=file.owner,
        version=file.version,
    )


def encode_file(file: File, base_url: str) -> bytes:
    """Return the file's JSON. A result that was stored before results had a limit is trimmed."""
    encoded = msgspec.json.encode(file_resource(file, base_url))
    if len(encoded) <= MAX_RESULT_BYTES or file.result is None:
        return encoded
    trimmed = {name: trim_facts(facts) for name, facts in file.result.items()}
    return msgspec.json.encode(file_resource(replace(file, result=trimmed), base_url))


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
    event: Annotated[
        dict[str, Any] | UnsetType,
        Meta(
            description="Of S3's event its `etag`, `size` and `sequencer`; of a dead letter its `reason`.",
        ),
    ] = UNSET


def timeline_entry(entry: HistoryEntry) -> TimelineEntry:
    """Return the JSON form of an entry of a file's timeline."""
    return TimelineEntry(
        at=_rfc3339(entry.at),
        type=entry.type,
        status=_or_unset(entry.status),
        version=_or_unset(entry.version),
        attempts=_or_unset(entry.attempts),
        error=_or_unset(entry.error_code),
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


def change_resource(entry: HistoryEntry) -> ChangeResource:
    """Return the JSON form of an entry of the change feed, which has its `seq` by then."""
    assert entry.seq is not None
    assert entry.status is not None
    assert entry.version is not None
    assert entry.attempts is not None
    return ChangeResource(
        seq=entry.seq,
        id=entry.file_id,
        at=_rfc3339(entry.at),
        type=entry.type,
        status=entry.status,
        version=entry.version,
        attempts=entry.attempts,
        error=entry.error_code,
        mismatch=entry.mismatch,
    )


class HealthResource(Struct):
    """The status of each part of the service."""

    status: Annotated[Literal["ok", "unhealthy"], Meta(description="`unhealthy` if a part isn't `ok`.")]
    database: Annotated[ComponentStatus, Meta(description="`ok` or `unavailable`.")]
    storage: Annotated[
        ComponentStatus,
        Meta(
            description="`ok`, `unavailable`, or `full` while it refuses uploads because its disk is nearly full "
            "(`make run`, MinIO)."
        ),
    ]
    processing: Annotated[
        ComponentStatus,
        Meta(
            description="`ok`; `degraded` if the oldest waiting file has waited longer than "
            "`HEALTH_MAX_QUEUE_AGE_SECONDS` (15 minutes); `unavailable` if the database can't say."
        ),
    ]
    oldest_queued_age_seconds: Annotated[
        float | None, Meta(description="How long that file has waited; null if none waits.")
    ]


class ErrorResource(Struct):
    """An error response."""

    error: Annotated[str, Meta(description="The error's code.")]
    message: Annotated[str, Meta(description="What is wrong, and what to do.")]
    requestId: Annotated[str, Meta(description="The request's id, which is also in the log.")]  # noqa: N815  # its JSON name


class UnhealthyResource(HealthResource, kw_only=True):
    """The status of each part of a service that is unhealthy, as an error."""

    error: Annotated[Literal["unhealthy"], Meta(description="`unhealthy`.")]
    message: Annotated[str, Meta(description="The parts that fail.")]
    requestId: Annotated[str, Meta(description="The request's id, which is also in the log.")]  # noqa: N815  # its JSON name


def health_resource(health: Health) -> HealthResource:
    """Return the JSON form of the health of each part."""
    return HealthResource(
        status="ok" if health.healthy else "unhealthy",
        database=health.database,
        storage=health.storage,
        processing=health.processing,
        oldest_queued_age_seconds=None if health.oldest_wait is None else health.oldest_wait.total_seconds(),
    )


def _rfc3339_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else _rfc3339(moment)


def _rfc3339(moment: datetime) -> str:
    """Return a time in RFC 3339, in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
