"""Routes of files: list, get, update, delete, download, timeline, reprocess."""

from datetime import timedelta
from typing import Annotated

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
from chalicelib.core.files.file_list import DEFAULT_LIMIT, ListQuery, Order
from chalicelib.core.files.get_file import MAX_WAIT, GetFile, get_file
from chalicelib.core.files.list_files import ListFiles, list_files
from chalicelib.core.files.statuses import Status
from chalicelib.core.files.update_file import UpdateFile, update_file
from chalicelib.core.processing.reprocess_file import ReprocessFile, reprocess_file
from chalicelib.http.conditional import etag, version_of_etag
from chalicelib.http.declarations import JsonBody, Query
from chalicelib.http.dependencies import BaseUrl, QueryParameters, VisibleOwners
from chalicelib.http.pagination import CURSOR_PATTERN, INVALID_CURSOR, MAX_CURSOR_LENGTH, decode_cursor
from chalicelib.http.parameter_types import (
    FORMAT,
    FileId,
    FileName,
    IfNoneMatch,
    Limit,
    Metadata,
    MetadataParameters,
    Text,
)
from chalicelib.http.responses import (
    ChangedFile,
    CurrentFile,
    FileList,
    NoContent,
    QueuedFile,
    Redirect,
    Timeline,
    UnchangedFile,
    changed_file,
    file_json,
    file_list,
    found_file,
    timeline,
)
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Files")

MAX_PARAMETER_LENGTH = 255
"""Characters, as of a name. The next page's URL repeats the parameters, and API Gateway accepts 10,240 bytes of it
and of the headers.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""


class FilePatch(Struct, forbid_unknown_fields=True):
    """What to change of a file. What is missing stays as it is."""

    name: Annotated[FileName | UnsetType, Meta(description="The new name, with its extension.")] = UNSET
    metadata: Annotated[
        Metadata | UnsetType,
        Meta(
            description="All of the new metadata: an entry that isn't in it is gone, and `{}` removes all of them."
        ),
    ] = UNSET


@blueprint.operation("GET", "/api/files", errors=[DATABASE_UNAVAILABLE], ignored=[FORMAT])
def list_files_route(
    owners: VisibleOwners,
    base_url: BaseUrl,
    query: QueryParameters,
    limit: Limit = DEFAULT_LIMIT,
    status: Annotated[
        Status | None, Meta(description="Only files with this status."), Query(other_names=("state",))
    ] = None,
    detected_type: Annotated[
        Text | None,
        Meta(
            max_length=MAX_PARAMETER_LENGTH,
            description="Only files of this detected type: a media type such as `image/png`, or `image/*`. `png` "
            "and `.png` match no file.",
        ),
        Query("type", other_names=("mime", "mime_type", "media_type", "content_type", "kind", "extension", "ext")),
    ] = None,
    mismatch: Annotated[
        bool | None,
        Meta(
            description="`true`: only files whose content contradicts their declared type or extension; `false`: "
            "only the others. Both may lack a file for a minute if it is renamed while it is processed."
        ),
    ] = None,
    name_contains: Annotated[
        Text | None,
        Meta(
            max_length=MAX_PARAMETER_LENGTH,
            description="Only files whose name contains this text. Case, accents and the form of Unicode don't "
            "count: `resume` finds `Résumé.pdf`.",
        ),
        Query("q", other_names=("search", "query", "name", "filename", "filter", "contains", "keyword", "term")),
    ] = None,
    text: Annotated[
        Text | None,
        Meta(
            max_length=MAX_PARAMETER_LENGTH,
            description="Only files with all of these words, in any order, in the texts that processing found in "
            "them: titles, authors, previews, subjects and addresses of mail, names in archives and tables. Case, "
            "accents and the form of Unicode don't count.",
        ),
        Query(other_names=("fulltext", "full_text", "content", "words")),
    ] = None,
    order: Annotated[
        Order,
        Meta(
            description="What to sort by; `-` sorts descending. A file whose bytes haven't arrived is sorted by "
            "the time of its row; one of unknown size comes before an empty one."
        ),
        Query(other_names=("ordering", "sort", "sort_by", "order_by", "orderby")),
    ] = Order.NEWEST,
    cursor: Annotated[
        str | None,
        Meta(
            pattern=CURSOR_PATTERN,
            max_length=MAX_CURSOR_LENGTH,
            description="From the `Link` header of the page before, unchanged.",
        ),
        Query(
            other_names=(
                "page",
                "page_number",
                "page_token",
                "next_token",
                "next",
                "offset",
                "skip",
                "after",
                "start",
            ),
            requirement=INVALID_CURSOR,
        ),
    ] = None,
    *,
    metadata: Annotated[
        MetadataParameters,
        Meta(
            description="`metadata.KEY=VALUE`: only files whose metadata has this value under this key. Of "
            "several, all must match."
        ),
    ],
) -> FileList:
    """List files.

    Returns a bare array, newest first. Administrators get all owners' files in one order, or those of the owner in
    `X-Owner`.

    ```console
    $ curl "$URL/api/files/?status=processed&type=image/*&order=name"
    $ curl "$URL/api/files/?metadata.order=7"
    $ curl "$URL/api/files/?q=invoice&text=annual+report"
    ```

    If there are more files, the URL of the next page is in the header `Link`.
    """
    wanted = ListQuery(
        limit=limit,
        status=status,
        type=detected_type or None,
        mismatch=mismatch,
        name_contains=name_contains or None,
        text=text or None,
        metadata=metadata,
        order=order,
        after=decode_cursor(cursor, order),
    )
    return file_list(query, list_files(ListFiles(owners, wanted), files=container.files()), base_url)


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
def get_content_route(file_id: FileId, owners: VisibleOwners, base_url: BaseUrl) -> Redirect:
    """Download a file.

    Redirects to a presigned URL, which is valid for five minutes, for exactly the bytes that were uploaded.

    ```console
    $ curl -L -o photo.jpg "$URL/api/files/$ID/content"
    ```

    S3 responds with the detected type as `Content-Type`. `Content-Disposition` is `inline` for PNG, JPEG, GIF,
    WebP, AVIF, PDF and plain text, and `attachment` for everything else, so that a browser never executes an
    uploaded file.

    Where a malware scan is required (`MALWARE_SCAN`), only a file whose `scan` has the verdict `clean` can be
    downloaded. Without a verdict, the response is 409 `scan_pending` with `Retry-After`. A file that can't be
    scanned gets 403 `scan_unsupported`, and one whose scan failed 403 `scan_failed`.

    Where types are limited (`ALLOWED_TYPES`, `DENIED_TYPES`), a file whose type isn't known gets 409
    `type_unknown`: it isn't processed yet, or that failed.

    A file that failed with `object_missing` gets 404 with that code. S3 isn't asked for each download whether it
    has the object. If another tool deleted it, the redirect leads to S3's own 404, in XML, until the sweep has
    noticed: a minute per 1,000 objects.
    """
    command = GetContentUrl(owners, file_id, must_be_clean=container.settings().requires_scan)
    storage = container.public_storage(base_url)
    return Redirect(
        location=get_content_url(
            command,
            files=container.files(),
            objects=container.storage(),
            storage=storage,
            limits=container.limits(),
        )
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
def get_thumbnail_route(file_id: FileId, owners: VisibleOwners, base_url: BaseUrl) -> Redirect:
    """Download a file's thumbnail.

    Redirects to a presigned URL of a WebP image, whose longer side has at most 512 pixels. Images and PDFs have
    one. Where a malware scan is required, the file must be clean, as for a download of its content.

    ```console
    $ curl -L -o thumbnail.webp "$URL/api/files/$ID/thumbnail"
    ```
    """
    command = GetThumbnailUrl(owners, file_id, must_be_clean=container.settings().requires_scan)
    storage = container.public_storage(base_url)
    return Redirect(location=get_thumbnail_url(command, files=container.files(), storage=storage))


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
    ClamAV is configured. A file that is queued
    already is returned as it is.

    ```console
    $ curl -X POST "$URL/api/files/$ID/reprocess"
    ```
    """
    file = reprocess_file(ReprocessFile(owners, file_id), files=container.files())
    return QueuedFile(body=file_json(file, base_url), etag=etag(file))
