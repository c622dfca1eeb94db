"""Routes of uploads whose bytes go to S3 without passing through the API."""

from typing import Annotated

import uuid_utils.compat as uuids

from chalicelib import container
from chalicelib.core.accounts.model import Scope
from chalicelib.core.errors import (
    DAILY_QUOTA_EXCEEDED,
    DATABASE_UNAVAILABLE,
    DELETED_DURING_UPLOAD,
    FILE_TOO_LARGE,
    IDEMPOTENCY_KEY_REUSED,
    INSUFFICIENT_STORAGE,
    INVALID_METADATA,
    INVALID_NAME,
    INVALID_PART_NUMBERS,
    NOT_MULTIPART,
    QUOTA_EXCEEDED,
    STORAGE_UNAVAILABLE,
    UPLOAD_EXPIRED,
    UPLOAD_FINISHED,
    UPLOAD_INCOMPLETE,
    UPLOAD_NOT_FOUND,
)
from chalicelib.core.uploads.abort_upload import AbortUpload, abort_upload
from chalicelib.core.uploads.complete_upload import CompleteUpload, complete_upload
from chalicelib.core.uploads.create_upload import CreateUpload, create_upload
from chalicelib.core.uploads.get_part_urls import GetPartUrls, get_part_urls
from chalicelib.core.uploads.get_upload import GetUpload, get_upload
from chalicelib.http.declarations import JsonBody
from chalicelib.http.dependencies import BaseUrl, Owner, VisibleOwners
from chalicelib.http.new_upload import NewUpload, PartNumbers, SentParts
from chalicelib.http.parameter_types import IdempotencyKey, UploadId
from chalicelib.http.responses import ChangedFile, NoContent, changed_file
from chalicelib.http.router import Router
from chalicelib.http.upload_responses import (
    CreatedUpload,
    CurrentPartUrls,
    CurrentUpload,
    created_upload,
    current_part_urls,
    current_upload,
)

blueprint = Router(__name__, tag="Uploads")


@blueprint.operation(
    "POST",
    "/api/uploads",
    errors=[
        INVALID_NAME,
        INVALID_METADATA,
        FILE_TOO_LARGE,
        QUOTA_EXCEEDED,
        DAILY_QUOTA_EXCEEDED,
        IDEMPOTENCY_KEY_REUSED,
        UPLOAD_EXPIRED,
        STORAGE_UNAVAILABLE,
        DATABASE_UNAVAILABLE,
        INSUFFICIENT_STORAGE,
    ],
    takes_upload_token=True,
)
def create_upload_route(
    owner: Owner, base_url: BaseUrl, new: Annotated[NewUpload, JsonBody()], key: IdempotencyKey = None
) -> CreatedUpload:
    """Create an upload of any size.

    Announces a file and returns where to send its bytes, which go to S3 without passing through the API:

    - up to 64 MiB (`MULTIPART_THRESHOLD_BYTES`) in one request: `upload` has its URL and its headers;
    - a larger file in parts of `part_size` bytes, the last one smaller: `parts` has the URLs of the first 100.
      `POST …/parts` returns more, and `POST …/complete` makes the file of them.

    ```console
    $ curl -H 'Content-Type: application/json' -d '{"name": "film.mp4", "size": 5000}' "$URL/api/uploads"
    ```

    A URL accepts the announced length only, for one hour; a whole file's also the announced type and checksum
    only, and only once. The file is processed as soon as all bytes have arrived.
    """
    return created_upload(
        create_upload(
            CreateUpload(owner, uuids.uuid7(), new.announced(), key),
            uploads=container.uploads(),
            storage=container.storage(),
            public_storage=container.public_storage(base_url),
            limits=container.upload_limits(),
        ),
        base_url,
    )


@blueprint.operation(
    "GET",
    "/api/uploads/{upload_id}",
    errors=[UPLOAD_NOT_FOUND, UPLOAD_EXPIRED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE],
    scope=Scope.WRITE,  # its URL uploads the file
    takes_upload_token=True,
)
def get_upload_route(upload_id: UploadId, owners: VisibleOwners, base_url: BaseUrl) -> CurrentUpload:
    """Get an upload, to resume it.

    `uploaded_parts` has the parts that S3 has. Send the others, with new URLs from `POST …/parts`, also from
    another machine. Of a file that is uploaded in one request, `upload` has a new URL.

    ```console
    $ curl "$URL/api/uploads/$UPLOAD_ID"
    ```
    """
    upload = get_upload(
        GetUpload(owners, upload_id),
        files=container.files(),
        storage=container.storage(),
        public_storage=container.public_storage(base_url),
    )
    return current_upload(upload, base_url)


@blueprint.operation(
    "POST",
    "/api/uploads/{upload_id}/parts",
    errors=[
        UPLOAD_NOT_FOUND,
        UPLOAD_FINISHED,
        UPLOAD_EXPIRED,
        NOT_MULTIPART,
        INVALID_PART_NUMBERS,
        STORAGE_UNAVAILABLE,
        DATABASE_UNAVAILABLE,
    ],
    takes_upload_token=True,
)
def get_part_urls_route(
    upload_id: UploadId, owners: VisibleOwners, base_url: BaseUrl, body: Annotated[PartNumbers, JsonBody()]
) -> CurrentPartUrls:
    """Get URLs of parts.

    ```console
    $ curl -H 'Content-Type: application/json' -d '{"numbers": [1, 2]}' "$URL/api/uploads/$UPLOAD_ID/parts"
    ```
    """
    command = GetPartUrls(owners, upload_id, body.numbers)
    urls = get_part_urls(command, files=container.files(), public_storage=container.public_storage(base_url))
    return current_part_urls(urls)


@blueprint.operation(
    "POST",
    "/api/uploads/{upload_id}/complete",
    errors=[
        UPLOAD_NOT_FOUND,
        UPLOAD_INCOMPLETE,
        UPLOAD_EXPIRED,
        FILE_TOO_LARGE,
        DELETED_DURING_UPLOAD,
        STORAGE_UNAVAILABLE,
        DATABASE_UNAVAILABLE,
        INSUFFICIENT_STORAGE,
    ],
    takes_upload_token=True,
)
def complete_upload_route(
    upload_id: UploadId,
    owners: VisibleOwners,
    base_url: BaseUrl,
    body: Annotated[SentParts | None, JsonBody()] = None,
) -> ChangedFile:
    """Complete an upload in parts.

    S3 verifies the parts, the size of all of them, and the checksum if it was given as CRC64NVME. Repeating the
    request is safe. If it never comes, a file of which all parts have arrived is completed within an hour or twice
    its upload's age.

    ```console
    $ curl -X POST "$URL/api/uploads/$ID/complete"
    ```

    After an upload in one request this isn't needed. It may be used to ask whether S3 has the file.
    """
    command = CompleteUpload(owners, upload_id, body.refs() if body else None)
    file = complete_upload(command, files=container.files(), completion=container.completion())
    return changed_file(file, base_url)


@blueprint.operation(
    "DELETE",
    "/api/uploads/{upload_id}",
    errors=[UPLOAD_NOT_FOUND, UPLOAD_FINISHED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE],
    takes_upload_token=True,
)
def abort_upload_route(upload_id: UploadId, owners: VisibleOwners) -> NoContent:
    """Abort an upload.

    Deletes the parts that S3 has, and the file's row.

    ```console
    $ curl -X DELETE "$URL/api/uploads/$UPLOAD_ID"
    ```
    """
    abort_upload(
        AbortUpload(owners, upload_id),
        uploads=container.uploads(),
        files=container.files(),
        tombstones=container.tombstones(),
        storage=container.storage(),
    )
    return NoContent()
