"""Responses of Uppy's routes."""

from collections.abc import Sequence
from typing import ClassVar

from chalicelib.core.files.model import File
from chalicelib.core.storage import UploadedPart
from chalicelib.core.uploads.model import FormUpload
from chalicelib.core.uploads.sign_request import SignedRequest
from chalicelib.core.uploads.sign_unsized_parts import SignedParts
from chalicelib.http.companion.resources import (
    CompletedResource,
    EmptyResource,
    FormResource,
    MultipartResource,
    PartResource,
    SignedPartResource,
    SignedPartsResource,
    SignedRequestResource,
    part_resource,
)
from chalicelib.http.responses import UncachedResponse
from chalicelib.http.typed_response import Json, TypedResponse


class UploadForm(UncachedResponse, frozen=True, kw_only=True):
    """The form."""

    body: Json[FormResource]


class NewMultipart(UncachedResponse, frozen=True, kw_only=True):
    """The multipart upload."""

    body: Json[MultipartResource]


class PartList(UncachedResponse, frozen=True, kw_only=True):
    """The parts that S3 has."""

    body: Json[list[PartResource]]


class SignedPart(UncachedResponse, frozen=True, kw_only=True):
    """The URL."""

    body: Json[SignedPartResource]


class SignedPartBatch(UncachedResponse, frozen=True, kw_only=True):
    """The URLs."""

    body: Json[SignedPartsResource]


class CompletedMultipart(TypedResponse, frozen=True, kw_only=True):
    """The file is stored."""

    status_code: ClassVar[int] = 200
    body: Json[CompletedResource]


class AbortedMultipart(TypedResponse, frozen=True, kw_only=True):
    """It is aborted. Uppy 5 reads the JSON of every response."""

    status_code: ClassVar[int] = 200
    body: Json[EmptyResource]


class SignedS3Request(UncachedResponse, frozen=True, kw_only=True):
    """The signed request."""

    body: Json[SignedRequestResource]


def upload_form(upload: FormUpload) -> UploadForm:
    """Return the form of a whole file."""
    form, seconds = upload.form, int(upload.lifetime.total_seconds())
    resource = FormResource("POST", form.url, dict(form.fields), seconds)
    return UploadForm(body=Json[FormResource].encode(resource))


def new_multipart(file: File, bucket: str) -> NewMultipart:
    """Return the key and the id of a new multipart upload."""
    resource = MultipartResource(file.object_key, file.multipart_upload_id or "", bucket)
    return NewMultipart(body=Json[MultipartResource].encode(resource))


def part_list(parts: Sequence[UploadedPart]) -> PartList:
    """Return the parts as a bare array."""
    return PartList(body=Json[list[PartResource]].encode([part_resource(part) for part in parts]))


def signed_part(parts: SignedParts) -> SignedPart:
    """Return the URL of the only part."""
    [url] = parts.urls.values()
    resource = SignedPartResource(url, int(parts.lifetime.total_seconds()))
    return SignedPart(body=Json[SignedPartResource].encode(resource))


def signed_part_batch(parts: SignedParts) -> SignedPartBatch:
    """Return the URLs by the numbers of the parts."""
    resource = SignedPartsResource({str(number): url for number, url in parts.urls.items()})
    return SignedPartBatch(body=Json[SignedPartsResource].encode(resource))


def completed_multipart(file: File, bucket: str, base_url: str) -> CompletedMultipart:
    """Return where the file is. `base_url` is the base of this API's URLs."""
    resource = CompletedResource(f"{base_url}/api/files/{file.id}/content", file.object_key, bucket)
    return CompletedMultipart(body=Json[CompletedResource].encode(resource))


def aborted_multipart() -> AbortedMultipart:
    """Return an empty object."""
    return AbortedMultipart(body=Json[EmptyResource].encode(EmptyResource()))


def signed_s3_request(request: SignedRequest) -> SignedS3Request:
    """Return what Uppy's `signRequest` returns."""
    fields = None if request.fields is None else dict(request.fields)
    resource = SignedRequestResource(request.url, request.key, fields)
    return SignedS3Request(body=Json[SignedRequestResource].encode(resource))
