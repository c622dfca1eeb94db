"""The JSON forms that Uppy expects."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from chalicelib.core.storage import UploadedPart
from chalicelib.http.resources.files import Url

Key = Annotated[str, Meta(description="The object's key: `uploads/{id}/…` with the id of the file.")]
Bucket = Annotated[str, Meta(description="The bucket.")]
Seconds = Annotated[int, Meta(ge=0, description="For how many seconds the signature is valid.")]


class FormResource(Struct):
    """The form that uploads a whole file to S3."""

    method: Annotated[Literal["POST"], Meta(description="The request's method.")]
    url: Annotated[Url, Meta(description="Where to send the form to.")]
    fields: Annotated[dict[str, str], Meta(description="Its fields. After them comes `file` with the bytes.")]
    expires: Seconds


class MultipartResource(Struct, rename="camel"):
    """A new multipart upload."""

    key: Key
    upload_id: Annotated[str, Meta(description="S3's id of the multipart upload.")]
    bucket: Bucket


class PartResource(Struct):
    """A part that S3 has."""

    number: Annotated[int, Meta(ge=1, description="The first part is number 1.")] = field(name="PartNumber")
    etag: Annotated[str, Meta(description="With quotation marks.")] = field(name="ETag")
    size: Annotated[int, Meta(ge=0, description="Bytes.")] = field(name="Size")


class SignedPartResource(Struct):
    """Where to upload a part to, by PUT."""

    url: Annotated[Url, Meta(description="A presigned URL.")]
    expires: Seconds


class SignedPartsResource(Struct, rename="camel"):
    """Where to upload parts to, by PUT."""

    presigned_urls: Annotated[dict[str, str], Meta(description="Presigned URLs by the number of the part.")]


class CompletedResource(Struct):
    """The uploaded file."""

    location: Annotated[Url, Meta(description="URL of the file's content.")]
    key: Key
    bucket: Bucket


class EmptyResource(Struct):
    """An empty object."""


class SignedRequestResource(Struct, omit_defaults=True):
    """What to send to S3. It needs no headers."""

    url: Annotated[Url, Meta(description="A presigned URL, or where to send the form to.")]
    key: Key
    fields: Annotated[
        dict[str, str] | None,
        Meta(description="Of a whole file, if `contentType` was given: the fields of a form, to be sent by POST."),
    ] = None


def part_resource(part: UploadedPart) -> PartResource:
    """Return the part's JSON form."""
    return PartResource(part.number, f'"{part.etag}"', part.size)
