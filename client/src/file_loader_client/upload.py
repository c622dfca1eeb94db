"""The upload of one file, from its checksum to the comparison with what is stored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event

from file_loader_client.checksum import crc64nvme
from file_loader_client.connections import Connections
from file_loader_client.errors import ServiceError, SourceChangedError, TransferError, VerificationError
from file_loader_client.fresh_urls import put_renewing
from file_loader_client.models import Checksum, File, PresignedRequest, Upload
from file_loader_client.part_reader import PartReader
from file_loader_client.parts import send_parts
from file_loader_client.progress import Phase, ProgressCallback, ProgressMeter
from file_loader_client.s3 import S3ResponseError
from file_loader_client.sources import OpenSource
from file_loader_client.upload_calls import UploadCalls

UploadCallback = Callable[[Upload], None]
"""Gets an upload."""

STORED_ALREADY = {"PreconditionFailed", "NoSuchUpload", "upload_finished"}
"""Errors of S3 and of the service that a repeated request gets whose first response was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOptions:
    """How to upload a file: see Client.upload."""

    type: str | None
    metadata: Mapping[str, str] | None
    idempotency_key: str | None
    parallel: int
    progress: ProgressCallback | None
    resume: str | None
    on_create: UploadCallback | None


def upload_source(
    calls: UploadCalls, connections: Connections, source: OpenSource, options: UploadOptions
) -> File:
    """Upload the bytes, and return their file as soon as all of them are stored."""
    checksum = _checksum(source, options.progress)
    upload = _begin(calls, source, checksum, options)
    try:
        file = _send(calls, connections, upload, source, options)
        source.check_unchanged()
    except SourceChangedError:
        _abort(calls, upload)
        raise
    _verify(file, source, checksum)
    return file


def _checksum(source: OpenSource, progress: ProgressCallback | None) -> Checksum:
    meter = ProgressMeter(progress, Phase.CHECKSUM, source.size)

    def count(block: bytes) -> bytes:
        meter.add(len(block))
        return block

    return crc64nvme(map(count, source.blocks()))


def _begin(calls: UploadCalls, source: OpenSource, checksum: Checksum, options: UploadOptions) -> Upload:
    """Return the upload: a new one, or the one to resume, with the parts that S3 has."""
    if options.resume is None:
        upload = calls.create(
            source.name, source.size, options.type, checksum, options.metadata, options.idempotency_key
        )
        if options.on_create is not None:
            options.on_create(upload)
        if options.idempotency_key is None or upload.part_count is None:
            return upload
    found = calls.get(options.resume or upload.id)
    if found.size != source.size:
        raise TransferError(f"the upload {found.id} is of {found.size} bytes, and {source.name} has {source.size}")
    return found


def _send(
    calls: UploadCalls, connections: Connections, upload: Upload, source: OpenSource, options: UploadOptions
) -> File:
    """Send what S3 doesn't have, and return the file of the completed upload."""
    parts = None
    try:
        if upload.upload is not None:
            _send_at_once(calls, connections, upload, source, options.progress)
        elif upload.part_count is not None and upload.status == "awaiting_upload":
            parts = send_parts(calls, connections, upload, source, options.parallel, options.progress)
    except (S3ResponseError, ServiceError) as error:
        if error.code not in STORED_ALREADY:
            raise
    return calls.complete(upload.id, parts)


def _send_at_once(
    calls: UploadCalls,
    connections: Connections,
    upload: Upload,
    source: OpenSource,
    progress: ProgressCallback | None,
) -> None:
    def renew(refused: PresignedRequest) -> PresignedRequest:
        return calls.get(upload.id).upload or refused

    assert upload.upload is not None
    meter = ProgressMeter(progress, Phase.UPLOAD, source.size)
    put_renewing(connections, upload.upload, PartReader(source, 0, source.size, meter.add, Event()), renew)


def _abort(calls: UploadCalls, upload: Upload) -> None:
    """Abort an upload of bytes that don't belong together."""
    try:
        calls.abort(upload.id)
    except ServiceError as error:
        if error.code != "upload_finished":
            raise


def _verify(file: File, source: OpenSource, checksum: Checksum) -> None:
    """Raise VerificationError if the file isn't of these bytes. Without a checksum, S3 has compared it before."""
    if file.size != source.size:
        raise VerificationError(f"{source.name} has {source.size} bytes, and {file.size} are stored")
    stored = file.checksum
    if stored is not None and stored.algorithm == checksum.algorithm and stored != checksum:
        raise VerificationError(f"{source.name} has the checksum {checksum.value}, and {stored.value} is stored")
