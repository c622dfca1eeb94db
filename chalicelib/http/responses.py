"""Responses of the routes: what each one declares, and how it is built from a use case's result."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, ClassVar, TypeVar

import msgspec
from msgspec import Meta

from chalicelib.core.changes.history import ChangePage, HistoryEntry
from chalicelib.core.errors import ServiceError
from chalicelib.core.files.download_urls import LIFETIME
from chalicelib.core.files.get_file import FoundFile
from chalicelib.core.files.list_files import Page
from chalicelib.core.files.model import File
from chalicelib.core.health.check_health import Health
from chalicelib.core.limits.get_usage import UsedLimits
from chalicelib.http.conditional import etag, etag_matches
from chalicelib.http.declarations import Header
from chalicelib.http.errors import UNHEALTHY
from chalicelib.http.page_size import fit_into_page
from chalicelib.http.pagination import changes_link, file_list_link
from chalicelib.http.resources.files import DownloadUrlResource, FileResource, encode_file
from chalicelib.http.resources.health import HealthResource, UnhealthyResource, health_resource
from chalicelib.http.resources.history import ChangeResource, TimelineEntry, change_resource, timeline_entry
from chalicelib.http.resources.times import rfc3339
from chalicelib.http.resources.usage import UsageResource, usage_resource
from chalicelib.http.typed_response import Json, TypedResponse

T = TypeVar("T")

ETag = Annotated[str, Meta(description="The file's version, for If-None-Match."), Header("ETag")]
Link = Annotated[
    str | None,
    Meta(description='The URL of the next page: `<…>; rel="next"`. Missing on the last page.'),
    Header("Link"),
]
RetryAfter = Annotated[
    int | None,
    Meta(description="Seconds. The request did not wait, because too many others were waiting."),
    Header("Retry-After"),
]
CacheControl = Annotated[str, Meta(description="The response must not be cached."), Header("Cache-Control")]


class UncachedResponse(TypedResponse, frozen=True, kw_only=True):
    """A response that holds for its moment only, such as a presigned URL."""

    status_code: ClassVar[int] = 200
    cache_control: CacheControl = "no-store"


class CurrentUsage(UncachedResponse, frozen=True, kw_only=True):
    """What the owner has used and has left."""

    body: Json[UsageResource]


class CreatedFile(TypedResponse, frozen=True, kw_only=True):
    """The stored file."""

    status_code: ClassVar[int] = 201
    body: Json[FileResource]
    location: Annotated[str, Meta(description="The file's URL."), Header("Location")]


class CurrentFile(TypedResponse, frozen=True, kw_only=True):
    """The file."""

    status_code: ClassVar[int] = 200
    body: Json[FileResource]
    etag: ETag
    retry_after: RetryAfter = None


class ChangedFile(TypedResponse, frozen=True, kw_only=True):
    """The file, after the change."""

    status_code: ClassVar[int] = 200
    body: Json[FileResource]
    etag: ETag


class QueuedFile(TypedResponse, frozen=True, kw_only=True):
    """The file, which is queued."""

    status_code: ClassVar[int] = 202
    body: Json[FileResource]
    etag: ETag


class UnchangedFile(TypedResponse, frozen=True, kw_only=True):
    """The client has the file's current version."""

    status_code: ClassVar[int] = 304
    etag: ETag
    retry_after: RetryAfter = None


class FileList(TypedResponse, frozen=True, kw_only=True):
    """A page of files."""

    status_code: ClassVar[int] = 200
    body: Json[list[FileResource]]
    link: Link


class Timeline(TypedResponse, frozen=True, kw_only=True):
    """What happened to the file, oldest first."""

    status_code: ClassVar[int] = 200
    body: Json[list[TimelineEntry]]


class ChangeList(TypedResponse, frozen=True, kw_only=True):
    """A page of changes, in commit order."""

    status_code: ClassVar[int] = 200
    body: Json[list[ChangeResource]]
    link: Link


class Redirect(UncachedResponse, frozen=True, kw_only=True):
    """The presigned URL, which is valid for five minutes."""

    status_code: ClassVar[int] = 302
    location: Annotated[str, Meta(description="The presigned URL."), Header("Location")]


class DownloadUrl(UncachedResponse, frozen=True, kw_only=True):
    """The presigned URL, with `redirect=false`."""

    body: Json[DownloadUrlResource]


class NoContent(TypedResponse, frozen=True, kw_only=True):
    """It is deleted."""

    status_code: ClassVar[int] = 204


class Healthy(UncachedResponse, frozen=True, kw_only=True):
    """The service is healthy."""

    body: Json[HealthResource]


class Unhealthy(UncachedResponse, frozen=True, kw_only=True):
    """The service is unhealthy; the message names the parts that fail."""

    status_code: ClassVar[int] = 503
    body: Json[UnhealthyResource]


def created_file(file: File, base_url: str) -> CreatedFile:
    """Return 201 with the file, and its URL in Location."""
    return CreatedFile(body=file_json(file, base_url), location=f"{base_url}/api/files/{file.id}")


def changed_file(file: File, base_url: str) -> ChangedFile:
    """Return 200 with the file."""
    return ChangedFile(body=file_json(file, base_url), etag=etag(file))


def found_file(found: FoundFile, if_none_match: str | None, base_url: str) -> CurrentFile | UnchangedFile:
    """Return 200 with the file, or 304 if If-None-Match matches its version. Retry-After is for a client whose
    request could not wait."""
    retry_after = None if found.retry_after is None else int(found.retry_after.total_seconds())
    if etag_matches(if_none_match, etag(found.file)):
        return UnchangedFile(etag=etag(found.file), retry_after=retry_after)
    return CurrentFile(body=file_json(found.file, base_url), etag=etag(found.file), retry_after=retry_after)


def download(url: str, redirect: bool) -> Redirect | DownloadUrl:
    """Return a redirect to the presigned URL, which was just made, or 200 with the URL."""
    if redirect:
        return Redirect(location=url)
    expires_at = rfc3339(datetime.now(UTC) + LIFETIME)
    return DownloadUrl(body=Json.encode(DownloadUrlResource(url, expires_at)))


def file_list(query: Mapping[str, str], page: Page, base_url: str) -> FileList:
    """Return a page of files as a bare array. `query` is the request's."""
    fitting = fit_into_page(encode_file(file, base_url) for file in page.files)
    return FileList(body=_array(fitting), link=file_list_link(query, page.cut(len(fitting)), base_url))


def timeline(entries: Sequence[HistoryEntry]) -> Timeline:
    """Return the history of one file; the newest entries if not all fit into a response."""
    newest_first = fit_into_page(msgspec.json.encode(timeline_entry(entry)) for entry in reversed(entries))
    return Timeline(body=_array(newest_first[::-1]))


def change_list(query: Mapping[str, str], page: ChangePage, *, newest: bool, base_url: str) -> ChangeList:
    """Return changes of all files, and if there are more the next page's URL. `query` is the request's. Of the
    `newest` ones the last are kept where not all fit."""
    if newest:
        newest_first = fit_into_page(_encode_changes(reversed(page.entries)))
        return ChangeList(body=_array(newest_first[::-1]), link=changes_link(query, page, base_url))
    fitting = fit_into_page(_encode_changes(page.entries))
    more = page.more or len(fitting) < len(page.entries)
    return ChangeList(
        body=_array(fitting),
        link=changes_link(query, ChangePage(page.entries[: len(fitting)], more), base_url),
    )


def _encode_changes(entries: Iterable[HistoryEntry]) -> Iterator[bytes]:
    return (msgspec.json.encode(change_resource(entry)) for entry in entries)


def health_response(health: Health, request_id: str) -> Healthy | Unhealthy:
    """Return 200, or 503 with the parts that are unhealthy."""
    resource = health_resource(health)
    if health.healthy:
        return Healthy(body=Json.encode(resource))
    error = ServiceError(UNHEALTHY, parts=", ".join(health.failing_components))
    return Unhealthy(
        body=Json.encode(
            UnhealthyResource(
                **msgspec.structs.asdict(resource),
                error="unhealthy",
                message=error.message,
                requestId=request_id,
            )
        )
    )


def current_usage(used: UsedLimits) -> CurrentUsage:
    """Return 200 with the usage."""
    return CurrentUsage(body=Json.encode(usage_resource(used)))


def file_json(file: File, base_url: str) -> Json[FileResource]:
    """Return the file's JSON as a response's body."""
    return Json(encode_file(file, base_url).decode())


def _array(values: Iterable[msgspec.Raw]) -> Json[list[T]]:
    """Return the JSON values as an array."""
    return Json(msgspec.json.encode(list(values)).decode())
