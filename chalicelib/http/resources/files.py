"""The JSON form of files."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from chalicelib.core.errors import FILE_ERRORS
from chalicelib.core.files.filenames import MAX_NAME_LENGTH
from chalicelib.core.files.model import File, Scan
from chalicelib.core.files.statuses import Status
from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.processing.result_size import MAX_RESULT_BYTES, trim_facts
from chalicelib.core.scanning.verdicts import Verdict
from chalicelib.http.resources.times import Time, rfc3339, rfc3339_or_none

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


class ScanResource(Struct):
    """A malware scan of the file's bytes."""

    verdict: Annotated[Verdict, Meta(description="What the scan has found. Only `clean` is clean.")]
    scanned_at: Annotated[Time, Meta(description="When it ended.")]


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
        ChecksumResource | None,
        Meta(
            description="A digest of all the file's bytes; null until it is known. Before processing has ended, "
            "it may be what the client has announced."
        ),
    ]
    result: Annotated[
        dict[str, Any] | None,
        Meta(description="The facts from the processor, under its name; null before processing."),
    ]
    error: Annotated[FileErrorResource | None, Meta(description="Why processing failed; null if it didn't.")]
    thumbnail: Annotated[Url | None, Meta(description="URL of the thumbnail, if there is one.")]
    owner: Annotated[str, Meta(description="Whose file it is.")]
    version: Annotated[int, Meta(ge=0, description="Grows with every change of the file.")]
    metadata: Annotated[
        dict[str, str], Meta(description="What the client has given to the file, with its upload or with `PATCH`.")
    ]
    scan: Annotated[
        ScanResource | None,
        Meta(description="The malware scan; null where there is none, or before it has ended."),
    ]


class DownloadUrlResource(Struct):
    """Where to download the bytes."""

    url: Annotated[Url, Meta(description="A presigned URL. The request to it needs no headers.")]
    expires_at: Annotated[Time, Meta(description="When the URL expires. A download that has begun goes on.")]


def file_resource(file: File, base_url: str) -> FileResource:
    """Return the file's JSON form. `base_url` is the base of this API's URLs."""
    url = f"{base_url}/api/files/{msgspec.to_builtins(file.id)}"  # faster than `str`
    return FileResource(
        id=file.id,
        file=f"{url}/content",
        uploaded_at=rfc3339_or_none(file.uploaded_at),
        processed=file.status is Status.PROCESSED,
        name=file.name,
        size=file.size,
        status=file.status,
        processed_at=rfc3339_or_none(file.processed_at),
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
        thumbnail=f"{url}/thumbnail" if file.thumbnail_key else None,
        owner=file.owner,
        version=file.version,
        metadata=dict(file.metadata),
        scan=_scan_resource(file.current_scan),
    )


def _scan_resource(scan: Scan | None) -> ScanResource | None:
    return None if scan is None else ScanResource(verdict=scan.verdict, scanned_at=rfc3339(scan.scanned_at))


def encode_file(file: File, base_url: str) -> bytes:
    """Return the file's JSON. A result that was stored before results had a limit is trimmed."""
    encoded = msgspec.json.encode(file_resource(file, base_url))
    if len(encoded) <= MAX_RESULT_BYTES or file.result is None:
        return encoded
    trimmed = {name: trim_facts(facts) for name, facts in file.result.items()}
    return msgspec.json.encode(file_resource(replace(file, result=trimmed), base_url))
