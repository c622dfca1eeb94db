"""Routes of one file: get, update, delete, download, timeline, reprocess."""

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib import container
from chalicelib.core.changes.timeline import GetTimeline, get_timeline
from chalicelib.core.errors import (
    CONTENT_MISSING,
    DATABASE_UNAVAILABLE,
    FILE_NOT_FOUND,
    INSUFFICIENT_STORAGE,
    INVALID_METADATA,
    INVALID_NAME,
    NO_THUMBNAIL,
    NOT_UPLOADED,
    SCAN_FAILED,
    SCAN_PENDING,
    SCAN_UNSUPPORTED,
    STORAGE_UNAVAILABLE,
    TYPE_UNKNOWN,
)
from chalicelib.core.files.delete_file import DeleteFile, delete_file
from chalicelib.core.files.download_urls import (
    GetContentUrl,
    GetThumbnailUrl,
    get_content_url,
    get_thumbnail_url,
)
from chalicelib.core.files.get_file import MAX_WAIT, GetFile, get_file
from chalicelib.core.files.update_file import UpdateFile, update_file
from chalicelib.core.processing.reprocess_file import ReprocessFile, reprocess_file
from chalicelib.http.conditional import etag, version_of_etag
from chalicelib.http.declarations import JsonBody, Query
from chalicelib.http.dependencies import BaseUrl, VisibleOwners
from chalicelib.http.parameter_types import FileId, FileName, IfNoneMatch, Metadata, RedirectWanted
from chalicelib.http.responses import (
    ChangedFile,
    CurrentFile,
    DownloadUrl,
    NoContent,
    QueuedFile,
    Redirect,
    Timeline,
    UnchangedFile,
    changed_file,
    download,
    file_json,
    found_file,
    timeline,
)
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Files")


class FilePatch(Struct, forbid_unknown_fields=True):
    """What to change of a file. What is missing stays as it is."""

    name: Annotated[FileName | UnsetType, Meta(description="The new name, with its extension.")] = UNSET
    metadata: Annotated[
        Metadata | UnsetType,
        Meta(
            description="All of the new metadata: an entry that isn't in it is gone, and `{}` removes all of them."
        ),
    ] = UNSET


@blueprint.operation("GET", "/api/files/{file_id}", errors=[FILE_NOT_FOUND, DATABASE_UNAVAILABLE])
def get_file_route(
    file_id: FileId,
    owners: VisibleOwners,
    base_url: BaseUrl,
    wait: Annotated[
        int,
        Meta(
            ge=0,
            le=int(MAX_WAIT.total_seconds()),
            description="Seconds to wait for another version than `since` (long poll).",
        ),
        Query(other_names=("timeout",)),
    ] = 0,
    since: Annotated[
        int | None,
        Meta(
            ge=0,
            le=2**31 - 1,
            description="The version that the client has. By default the one in `If-None-Match`, otherwise the "
            "current one.",
        ),
        Query(other_names=("version", "since_version")),
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> CurrentFile | UnchangedFile:
    """Get a file.

    The header `ETag` has the file's version. A request whose `If-None-Match` names the current one gets 304.

    ```console
    $ curl "$URL/api/files/$ID"
    ```

    **Long polling.** With `wait`, the response is sent as soon as the file's version is another one than `since`,
    or after `wait` seconds:

    ```console
    $ curl "$URL/api/files/$ID?wait=20&since=2"
    ```

    Each long poll occupies one container of the API's function while it waits, so only `MAX_LONG_POLLS` (10) wait
    at once. Further ones return at once, with the file as it is and `Retry-After: 2`. To follow many files, poll
    `GET /api/changes` instead.
    """
    since = version_of_etag(if_none_match) if since is None else since
    command = GetFile(owners, file_id, since, timedelta(seconds=wait))
    return found_file(
        get_file(command, files=container.files(), long_polls=container.long_polls()), if_none_match, base_url
    )


@blueprint.operation(
    "PATCH",
    "/api/files/{file_id}",
    errors=[INVALID_NAME, INVALID_METADATA, FILE_NOT_FOUND, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE],
)
def update_file_route(
    file_id: FileId, owners: VisibleOwners, base_url: BaseUrl, patch: Annotated[FilePatch, JsonBody()]
) -> ChangedFile:
    """Change a file's name or metadata.

    ```console
    $ curl -X PATCH -H 'Content-Type: application/json' -d '{"name": "new name.jpg"}' "$URL/api/files/$ID"
    $ curl -X PATCH -H 'Content-Type: application/json' -d '{"metadata": {"order": "7"}}' "$URL/api/files/$ID"
    ```

    Both in one request are one new version. Values that the file has already make none, and so does `{}`.
    """
    file = update_file(
        UpdateFile(
            owners,
            file_id,
            name=None if patch.name is UNSET else patch.name,
            metadata=None if patch.metadata is UNSET else patch.metadata,
        ),
        files=container.files(),
    )
    return changed_file(file, base_url)


@blueprint.operation(
    "DELETE",
    "/api/files/{file_id}",
    errors=[FILE_NOT_FOUND, DATABASE_UNAVAILABLE, STORAGE_UNAVAILABLE, INSUFFICIENT_STORAGE],
)
def delete_file_route(file_id: FileId, owners: VisibleOwners) -> NoContent:
    """Delete a file.

    Deletes its row and its objects, also while it is being processed. Its timeline remains.

    ```console
    $ curl -X DELETE "$URL/api/files/$ID"
    ```
    """
    delete_file(
        DeleteFile(owners, file_id),
        files=container.files(),
        tombstones=container.tombstones(),
        storage=container.storage(),
    )
    return NoContent()


@blueprint.operation(
    "GET",
    "/api/files/{file_id}/content",
    errors=[
        FILE_NOT_FOUND,
        CONTENT_MISSING,
        NOT_UPLOADED,
        TYPE_UNKNOWN,
        SCAN_PENDING,
        SCAN_UNSUPPORTED,
        SCAN_FAILED,
        DATABASE_UNAVAILABLE,
        STORAGE_UNAVAILABLE,
        INSUFFICIENT_STORAGE,
    ],
)
def get_content_route(
    file_id: FileId,
    owners: VisibleOwners,
    base_url: BaseUrl,
    redirect: RedirectWanted = True,
    disposition: Annotated[
        Literal["attachment"] | None,
        Meta(description="`attachment`: browsers save the file, also one that they would show."),
    ] = None,
) -> Redirect | DownloadUrl:
    """Download a file.

    Redirects to a presigned URL, which is valid for five minutes, for exactly the bytes that were uploaded.

    ```console
    $ curl -L -o photo.jpg "$URL/api/files/$ID/content"
    ```

    With `redirect=false`, the response has the URL. A web page needs that where the request must have a token:
    elements such as `<video>` can't send one.

    ```console
    $ curl "$URL/api/files/$ID/content?redirect=false"
    ```

    S3 responds with the detected type as `Content-Type`. `Content-Disposition` is `inline` for PNG, JPEG, GIF,
    WebP, AVIF, PDF and plain text, and `attachment` for everything else, so that a browser never executes an
    uploaded file. With `disposition=attachment`, it is that for all types.

    Where a malware scan is required (`MALWARE_SCAN`), only a file whose `scan` has the verdict `clean` can be
    downloaded. Without a verdict, the response is 409 `scan_pending` with `Retry-After`. A file that can't be
    scanned gets 403 `scan_unsupported`, and one whose scan failed 403 `scan_failed`.

    Where types are limited (`ALLOWED_TYPES`, `DENIED_TYPES`), a file whose type isn't known gets 409
    `type_unknown`: it isn't processed yet, or that failed.

    A file that failed with `object_missing` gets 404 with that code. S3 isn't asked for each download whether it
    has the object. If another tool deleted it, the redirect leads to S3's own 404, in XML, until the sweep has
    noticed: a minute per 1,000 objects.
    """
    command = GetContentUrl(
        owners,
        file_id,
        must_be_clean=container.settings().requires_scan,
        to_be_saved=disposition == "attachment",
    )
    storage = container.public_storage(base_url)
    return download(
        get_content_url(
            command,
            files=container.files(),
            objects=container.storage(),
            storage=storage,
            limits=container.limits(),
        ),
        redirect,
    )


@blueprint.operation(
    "GET",
    "/api/files/{file_id}/thumbnail",
    errors=[
        FILE_NOT_FOUND,
        NO_THUMBNAIL,
        SCAN_PENDING,
        SCAN_UNSUPPORTED,
        SCAN_FAILED,
        DATABASE_UNAVAILABLE,
        STORAGE_UNAVAILABLE,
    ],
)
def get_thumbnail_route(
    file_id: FileId, owners: VisibleOwners, base_url: BaseUrl, redirect: RedirectWanted = True
) -> Redirect | DownloadUrl:
    """Download a file's thumbnail.

    Redirects to a presigned URL of a WebP image, whose longer side has at most 512 pixels. Images and PDFs have
    one. Where a malware scan is required, the file must be clean, as for a download of its content.

    ```console
    $ curl -L -o thumbnail.webp "$URL/api/files/$ID/thumbnail"
    ```

    With `redirect=false`, the response has the URL.
    """
    command = GetThumbnailUrl(owners, file_id, must_be_clean=container.settings().requires_scan)
    storage = container.public_storage(base_url)
    return download(get_thumbnail_url(command, files=container.files(), storage=storage), redirect)


@blueprint.operation("GET", "/api/files/{file_id}/timeline", errors=[FILE_NOT_FOUND, DATABASE_UNAVAILABLE])
def get_timeline_route(file_id: FileId, owners: VisibleOwners) -> Timeline:
    """Get what happened to a file.

    Returns the newest 1,000 entries, or as many as 5 MB hold, oldest first. The timeline of a deleted file
    remains.

    ```console
    $ curl "$URL/api/files/$ID/timeline"
    ```
    """
    return timeline(
        get_timeline(GetTimeline(owners, file_id), history=container.history(), files=container.files())
    )


@blueprint.operation(
    "POST",
    "/api/files/{file_id}/reprocess",
    errors=[FILE_NOT_FOUND, NOT_UPLOADED, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE],
)
def reprocess_file_route(file_id: FileId, owners: VisibleOwners, base_url: BaseUrl) -> QueuedFile:
    """Process a file again.

    Queues a `processed` or `failed` file. The next sweep processes it, within a minute, and scans it again where
    ClamAV is configured. A file that is queued already is returned as it is.

    ```console
    $ curl -X POST "$URL/api/files/$ID/reprocess"
    ```
    """
    file = reprocess_file(ReprocessFile(owners, file_id), files=container.files())
    return QueuedFile(body=file_json(file, base_url), etag=etag(file))
