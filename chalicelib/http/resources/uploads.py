"""The JSON form of uploads."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from chalicelib.core.files.model import Checksum
from chalicelib.core.files.statuses import Status
from chalicelib.core.uploads.limits import count_parts
from chalicelib.core.uploads.model import PartUrl, PartUrls, Upload
from chalicelib.http.resources.files import ChecksumResource, Url
from chalicelib.http.resources.times import Time, rfc3339, rfc3339_or_none


class PutResource(Struct):
    """The request that uploads a whole file to S3."""

    method: Annotated[Literal["PUT"], Meta(description="The request's method.")]
    url: Annotated[
        Url, Meta(description="A presigned URL, which accepts the announced length, type and checksum only, once.")
    ]
    headers: Annotated[
        dict[str, str], Meta(description="The headers that the request must have, besides `Content-Length`.")
    ]


class PartUrlResource(Struct):
    """Where to upload a part to, by PUT."""

    number: Annotated[int, Meta(ge=1, description="The first part is number 1.")]
    url: Annotated[Url, Meta(description="A presigned URL. The response's `ETag` is needed to complete.")]
    size: Annotated[int, Meta(ge=0, description="Bytes. The URL accepts no other length.")]


class UploadedPartResource(Struct):
    """A part that S3 has."""

    number: Annotated[int, Meta(ge=1, description="The first part is number 1.")]
    size: Annotated[int, Meta(ge=0, description="Bytes.")]
    etag: Annotated[str, Meta(description="Without quotation marks.")]


class UploadResource(Struct):
    """An upload, and what its client needs for the next step."""

    id: Annotated[UUID, Meta(description="The id of the file, too.")]
    status: Annotated[Status, Meta(description="The file's: `awaiting_upload` until all bytes have arrived.")]
    name: Annotated[str, Meta(description="The file's name, without the folders that it was given with.")]
    size: Annotated[int | None, Meta(description="Bytes; null if its client hasn't said it.")]
    type: Annotated[str | None, Meta(description="The declared media type.")]
    checksum: Annotated[ChecksumResource | None, Meta(description="The given one, later the stored object's.")]
    file: Annotated[Url, Meta(description="URL of the content.")]
    expires_at: Annotated[Time | None, Meta(description="When all bytes must have arrived.")]
    upload: Annotated[
        PutResource | None,
        Meta(
            description="How to upload the whole file; null if in parts, or if its bytes aren't awaited any more."
        ),
    ]
    part_size: Annotated[int | None, Meta(description="Bytes of each part but the last; null if not in parts.")]
    part_count: Annotated[int | None, Meta(description="How many parts there are; null if not in parts.")]
    parts: Annotated[
        list[PartUrlResource] | None,
        Meta(description="In the response that creates the upload: where to upload the first parts to."),
    ]
    uploaded_parts: Annotated[
        list[UploadedPartResource] | None,
        Meta(description="Of an upload in parts that isn't complete: what S3 has. Null in the first response."),
    ]
    url_expires_at: Annotated[Time | None, Meta(description="When the presigned URLs expire; null without any.")]
    metadata: Annotated[dict[str, str], Meta(description="The file's.")]


class PartUrlsResource(Struct):
    """URLs of parts."""

    parts: Annotated[list[PartUrlResource], Meta(description="In the order of the requested numbers.")]
    url_expires_at: Annotated[Time, Meta(description="When the presigned URLs expire.")]


def upload_resource(upload: Upload, base_url: str) -> UploadResource:
    """Return the upload's JSON form. `base_url` is the base of this API's URLs."""
    file, put = upload.file, upload.put
    in_parts = file.size is not None and file.part_size is not None
    return UploadResource(
        id=file.id,
        status=file.status,
        name=file.name,
        size=file.size,
        type=file.declared_type,
        checksum=_checksum(file.checksum),
        file=f"{base_url}/api/files/{file.id}/content",
        expires_at=rfc3339_or_none(file.expires_at),
        upload=PutResource("PUT", put.url, dict(put.headers)) if put else None,
        part_size=file.part_size,
        part_count=count_parts(file.size or 0, file.part_size or 1) if in_parts else None,
        parts=None if upload.parts is None else [_part_url(part) for part in upload.parts],
        uploaded_parts=(
            None
            if upload.uploaded_parts is None
            else [UploadedPartResource(part.number, part.size, part.etag) for part in upload.uploaded_parts]
        ),
        url_expires_at=rfc3339_or_none(upload.urls_expire_at),
        metadata=dict(file.metadata),
    )


def part_urls_resource(urls: PartUrls) -> PartUrlsResource:
    return PartUrlsResource([_part_url(part) for part in urls.parts], rfc3339(urls.expire_at))


def _part_url(part: PartUrl) -> PartUrlResource:
    return PartUrlResource(part.number, part.url, part.size)


def _checksum(checksum: Checksum | None) -> ChecksumResource | None:
    return ChecksumResource(checksum.algorithm, checksum.value) if checksum else None
