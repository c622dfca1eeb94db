"""Responses of the routes of uploads."""

from typing import Annotated, ClassVar

from msgspec import Meta

from chalicelib.core.uploads.model import PartUrls, Upload
from chalicelib.http.declarations import Header
from chalicelib.http.resources.uploads import (
    PartUrlsResource,
    UploadResource,
    part_urls_resource,
    upload_resource,
)
from chalicelib.http.responses import UncachedResponse
from chalicelib.http.typed_response import Json


class CreatedUpload(UncachedResponse, frozen=True, kw_only=True):
    """The upload, with its URLs."""

    status_code: ClassVar[int] = 201
    body: Json[UploadResource]
    location: Annotated[str, Meta(description="The upload's URL."), Header("Location")]


class CurrentUpload(UncachedResponse, frozen=True, kw_only=True):
    """The upload."""

    body: Json[UploadResource]


class CurrentPartUrls(UncachedResponse, frozen=True, kw_only=True):
    """The URLs."""

    body: Json[PartUrlsResource]


def created_upload(upload: Upload, base_url: str) -> CreatedUpload:
    """Return 201 with the upload, and its URL in Location."""
    body = Json[UploadResource].encode(upload_resource(upload, base_url))
    return CreatedUpload(body=body, location=f"{base_url}/api/uploads/{upload.file.id}")


def current_upload(upload: Upload, base_url: str) -> CurrentUpload:
    """Return 200 with the upload."""
    return CurrentUpload(body=Json[UploadResource].encode(upload_resource(upload, base_url)))


def current_part_urls(urls: PartUrls) -> CurrentPartUrls:
    """Return 200 with the URLs."""
    return CurrentPartUrls(body=Json[PartUrlsResource].encode(part_urls_resource(urls)))
