"""Routes of Uppy's Companion, and one for its `signRequest`.

Uppy calls them below a base that the page gives it, and no response has a URL of them. Below `/u/{token}` it is an
upload token that authenticates.
"""

from typing import Annotated

import uuid_utils.compat as uuids
from msgspec import Meta

from chalicelib import container
from chalicelib.core.accounts.model import Scope
from chalicelib.core.errors import (
    DAILY_QUOTA_EXCEEDED,
    DATABASE_UNAVAILABLE,
    DELETED_DURING_UPLOAD,
    FILE_TOO_LARGE,
    INSUFFICIENT_STORAGE,
    INVALID_METADATA,
    INVALID_NAME,
    QUOTA_EXCEEDED,
    STORAGE_UNAVAILABLE,
    UNSUPPORTED_REQUEST,
    UPLOAD_EXPIRED,
    UPLOAD_FINISHED,
    UPLOAD_INCOMPLETE,
    UPLOAD_NOT_FOUND,
)
from chalicelib.core.uploads.abort_unsized_upload import AbortUnsizedUpload, abort_unsized_upload
from chalicelib.core.uploads.begin_form_upload import BeginFormUpload, begin_form_upload
from chalicelib.core.uploads.begin_multipart_upload import BeginMultipartUpload, begin_multipart_upload
from chalicelib.core.uploads.complete_unsized_upload import CompleteUnsizedUpload, complete_unsized_upload
from chalicelib.core.uploads.list_unsized_parts import ListUnsizedParts, list_unsized_parts
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.sign_request import sign_request
from chalicelib.core.uploads.sign_unsized_parts import SignUnsizedParts, sign_unsized_parts
from chalicelib.http.authentication import BROWSER_PREFIX
from chalicelib.http.companion.parameters import (
    MultipartUploadId,
    ObjectKey,
    PartNumber,
    PartNumbers,
    UppyMetadata,
    UppyType,
    parse_part_numbers,
)
from chalicelib.http.companion.requests import NewMultipartUpload, UnsignedRequest, UppyParts, unsized_file
from chalicelib.http.companion.responses import (
    AbortedMultipart,
    CompletedMultipart,
    NewMultipart,
    PartList,
    SignedPart,
    SignedPartBatch,
    SignedS3Request,
    UploadForm,
    aborted_multipart,
    completed_multipart,
    new_multipart,
    part_list,
    signed_part,
    signed_part_batch,
    signed_s3_request,
    upload_form,
)
from chalicelib.http.declarations import JsonBody, Query
from chalicelib.http.dependencies import BaseUrl, Owner, VisibleOwners
from chalicelib.http.parameter_types import FileName
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Uppy")


@blueprint.operation(
    "GET",
    "/s3/params",
    errors=[
        INVALID_NAME,
        INVALID_METADATA,
        QUOTA_EXCEEDED,
        DAILY_QUOTA_EXCEEDED,
        STORAGE_UNAVAILABLE,
        DATABASE_UNAVAILABLE,
        INSUFFICIENT_STORAGE,
    ],
    scope=Scope.WRITE,
)
def begin_form_upload_route(
    owner: Owner,
    base_url: BaseUrl,
    filename: Annotated[FileName, Meta(description="The file's name.")],
    metadata: UppyMetadata,
    declared_type: Annotated[UppyType | None, Query("type")] = None,
) -> UploadForm:
    """Begin an upload from Uppy in one request.

    Returns a form whose last field, `file`, is the file. S3 refuses a file above `MAX_FILE_BYTES`. `size` of the
    file is null until its bytes have arrived. The id of the file is the second part of `key`.

    ```console
    $ curl -g "$URL/s3/params?filename=photo.jpg&type=image/jpeg&metadata[order]=7"
    ```
    """
    begin = BeginFormUpload(owner, uuids.uuid7(), unsized_file(filename, declared_type, metadata))
    storage = container.public_storage(base_url)
    return upload_form(
        begin_form_upload(
            begin, uploads=container.uploads(), public_storage=storage, limits=container.upload_limits()
        )
    )


@blueprint.operation(
    "POST",
    "/s3/multipart",
    errors=[
        INVALID_NAME,
        INVALID_METADATA,
        QUOTA_EXCEEDED,
        DAILY_QUOTA_EXCEEDED,
        STORAGE_UNAVAILABLE,
        DATABASE_UNAVAILABLE,
        INSUFFICIENT_STORAGE,
    ],
)
def begin_multipart_upload_route(owner: Owner, new: Annotated[NewMultipartUpload, JsonBody()]) -> NewMultipart:
    """Begin an upload from Uppy in parts.

    The id of the file is the second part of `key`.

    ```console
    $ curl -H 'Content-Type: application/json' -d '{"filename": "film.mp4"}' "$URL/s3/multipart"
    ```
    """
    begin = BeginMultipartUpload(owner, uuids.uuid7(), unsized_file(new.filename, new.type, new.metadata))
    file = begin_multipart_upload(
        begin, uploads=container.uploads(), storage=container.storage(), limits=container.upload_limits()
    )
    return new_multipart(file, container.settings().bucket)


@blueprint.operation(
    "GET",
    "/s3/multipart/{upload_id}",
    errors=[
        UPLOAD_NOT_FOUND,
        UPLOAD_FINISHED,
        UPLOAD_EXPIRED,
        STORAGE_UNAVAILABLE,
        DATABASE_UNAVAILABLE,
        INSUFFICIENT_STORAGE,
    ],
)
def list_unsized_parts_route(upload_id: MultipartUploadId, owners: VisibleOwners, key: ObjectKey) -> PartList:
    """List the parts that Uppy has sent.

    Returns a bare array of all parts that S3 has, with which Uppy resumes an upload.

    ```console
    $ curl "$URL/s3/multipart/$S3_UPLOAD_ID?key=$KEY"
    ```
    """
    command = ListUnsizedParts(owners, MultipartRef(key, upload_id))
    return part_list(list_unsized_parts(command, uploads=container.uploads(), storage=container.storage()))


@blueprint.operation(
    "GET",
    "/s3/multipart/{upload_id}/{part_number}",
    errors=[UPLOAD_NOT_FOUND, UPLOAD_FINISHED, UPLOAD_EXPIRED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE],
    scope=Scope.WRITE,
)
def sign_unsized_part_route(
    upload_id: MultipartUploadId, part_number: PartNumber, owners: VisibleOwners, base_url: BaseUrl, key: ObjectKey
) -> SignedPart:
    """Sign the URL of a part for Uppy.

    ```console
    $ curl "$URL/s3/multipart/$S3_UPLOAD_ID/1?key=$KEY"
    ```
    """
    command = SignUnsizedParts(owners, MultipartRef(key, upload_id), [part_number])
    storage = container.public_storage(base_url)
    return signed_part(sign_unsized_parts(command, uploads=container.uploads(), public_storage=storage))


@blueprint.operation(
    "GET",
    "/s3/multipart/{upload_id}/batch",
    errors=[UPLOAD_NOT_FOUND, UPLOAD_FINISHED, UPLOAD_EXPIRED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE],
    scope=Scope.WRITE,
)
def sign_unsized_parts_route(
    upload_id: MultipartUploadId,
    owners: VisibleOwners,
    base_url: BaseUrl,
    key: ObjectKey,
    part_numbers: PartNumbers,
) -> SignedPartBatch:
    """Sign the URLs of several parts for Uppy 5.

    ```console
    $ curl "$URL/s3/multipart/$S3_UPLOAD_ID/batch?key=$KEY&partNumbers=1,2"
    ```
    """
    command = SignUnsizedParts(owners, MultipartRef(key, upload_id), parse_part_numbers(part_numbers))
    storage = container.public_storage(base_url)
    return signed_part_batch(sign_unsized_parts(command, uploads=container.uploads(), public_storage=storage))


@blueprint.operation(
    "POST",
    "/s3/multipart/{upload_id}/complete",
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
)
def complete_unsized_upload_route(
    upload_id: MultipartUploadId,
    owners: VisibleOwners,
    base_url: BaseUrl,
    key: ObjectKey,
    body: Annotated[UppyParts, JsonBody()],
) -> CompletedMultipart:
    r"""Complete an upload from Uppy in parts.

    S3 makes the file of the parts. An upload above `MAX_FILE_BYTES` is aborted and deleted. Repeating the request
    is safe.

    ```console
    $ curl -H 'Content-Type: application/json' -d "{\"parts\": [{\"PartNumber\": 1, \"ETag\": \"$ETAG\"}]}" \
        "$URL/s3/multipart/$S3_UPLOAD_ID/complete?key=$KEY"
    ```
    """
    command = CompleteUnsizedUpload(owners, MultipartRef(key, upload_id), body.refs())
    file = complete_unsized_upload(command, uploads=container.uploads(), completion=container.completion())
    return completed_multipart(file, container.settings().bucket, base_url)


@blueprint.operation(
    "DELETE",
    "/s3/multipart/{upload_id}",
    errors=[UPLOAD_NOT_FOUND, UPLOAD_FINISHED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE],
)
def abort_unsized_upload_route(
    upload_id: MultipartUploadId, owners: VisibleOwners, key: ObjectKey
) -> AbortedMultipart:
    """Abort an upload from Uppy in parts.

    Deletes the parts that S3 has, and the file's row.

    ```console
    $ curl -X DELETE "$URL/s3/multipart/$S3_UPLOAD_ID?key=$KEY"
    ```
    """
    abort_unsized_upload(
        AbortUnsizedUpload(owners, MultipartRef(key, upload_id)),
        uploads=container.uploads(),
        tombstones=container.tombstones(),
        storage=container.storage(),
    )
    return aborted_multipart()


@blueprint.operation(
    "POST",
    "/s3/sign",
    errors=[
        INVALID_NAME,
        UNSUPPORTED_REQUEST,
        UPLOAD_NOT_FOUND,
        UPLOAD_FINISHED,
        UPLOAD_EXPIRED,
        FILE_TOO_LARGE,
        QUOTA_EXCEEDED,
        DAILY_QUOTA_EXCEEDED,
        STORAGE_UNAVAILABLE,
        DATABASE_UNAVAILABLE,
        INSUFFICIENT_STORAGE,
    ],
)
def sign_request_route(
    owner: Owner, owners: VisibleOwners, base_url: BaseUrl, body: Annotated[UnsignedRequest, JsonBody()]
) -> SignedS3Request:
    """Sign a request to S3 for Uppy.

    For Uppy's option `signRequest`: Uppy asks for each request that it then sends to S3 itself. The first one gets
    the `key` of a new file, whose id is the key's second part; all others need that key. With `contentType`, which
    Uppy sends since @uppy/aws-s3 6.3, a whole file becomes a form, which S3 refuses above `MAX_FILE_BYTES`. A file
    that arrives in another way is rejected above it.

    ```console
    $ curl -H 'Content-Type: application/json' -d '{"method": "PUT", "key": "photo.jpg"}' "$URL/s3/sign"
    ```
    """
    return signed_s3_request(
        sign_request(
            body.command(owner, owners, uuids.uuid7()),
            uploads=container.uploads(),
            completion=container.completion(),
            public_storage=container.public_storage(base_url),
            limits=container.upload_limits(),
        )
    )


blueprint.repeat_below(BROWSER_PREFIX)
