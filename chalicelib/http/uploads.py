"""Routes of uploads."""

from typing import Annotated

import uuid_utils.compat as uuids
from msgspec import Meta

from chalicelib import container
from chalicelib.core.errors import (
    DAILY_QUOTA_EXCEEDED,
    DATABASE_UNAVAILABLE,
    DELETED_DURING_UPLOAD,
    INSUFFICIENT_STORAGE,
    INVALID_METADATA,
    INVALID_NAME,
    QUOTA_EXCEEDED,
    STORAGE_UNAVAILABLE,
)
from chalicelib.core.media_types.names import MEDIA_TYPE_PATTERN
from chalicelib.core.uploads.upload_file import UploadFile, upload_file
from chalicelib.http.declarations import Header, Query, RawBody, ReceivedBody
from chalicelib.http.dependencies import BaseUrl, Owner
from chalicelib.http.errors import BODY_TOO_LARGE, EMPTY_BODY, FORM_TOO_LARGE, MISSING_FILE, TOO_MANY_FILES
from chalicelib.http.parameter_types import FORMAT, FileName, MetadataParameters
from chalicelib.http.responses import CreatedFile, created_file
from chalicelib.http.router import Router
from chalicelib.http.upload_request import ACCEPTED_BODIES, BODY_TYPES, read_upload

blueprint = Router(__name__, tag="Uploads")


@blueprint.operation(
    "POST",
    "/api/upload",
    errors=[
        EMPTY_BODY,
        MISSING_FILE,
        TOO_MANY_FILES,
        BODY_TOO_LARGE,
        FORM_TOO_LARGE,
        INVALID_NAME,
        INVALID_METADATA,
        QUOTA_EXCEEDED,
        DAILY_QUOTA_EXCEEDED,
        DELETED_DURING_UPLOAD,
        DATABASE_UNAVAILABLE,
        STORAGE_UNAVAILABLE,
        INSUFFICIENT_STORAGE,
    ],
    ignored=[FORMAT],
)
def upload_file_route(
    owner: Owner,
    base_url: BaseUrl,
    body: Annotated[ReceivedBody, RawBody(BODY_TYPES, ACCEPTED_BODIES)],
    metadata: Annotated[
        MetadataParameters,
        Meta(description="`metadata.KEY=VALUE`: an entry of the file's metadata."),
    ],
    name: Annotated[
        FileName | None, Meta(description="The name of the file in a raw body."), Query(other_names=("filename",))
    ] = None,
    declared_type: Annotated[
        str | None,
        Meta(
            pattern=rf"^({MEDIA_TYPE_PATTERN})?$(?!\n)",
            description="The media type of the file in a raw body.",
        ),
        Query(
            "type",
            other_names=("mime", "mime_type", "media_type", "content_type"),
            requirement="must be a media type such as image/png",
        ),
    ] = None,
    disposition: Annotated[
        str | None,
        Meta(description="Instead of `name`: the file's name, as `attachment; filename*=UTF-8''…`."),
        Header("Content-Disposition"),
    ] = None,
) -> CreatedFile:
    r"""Upload a file.

    Stores a file of up to `MAX_UPLOAD_BYTES` (4.6 MB; larger ones: `POST /api/uploads`), and processes it in the
    background. The request is a form with the file in its field `file`, or has the bytes themselves as its body:

    ```console
    $ curl -F file=@photo.jpg "$URL/api/upload/"
    $ curl --data-binary @photo.jpg -H 'Content-Type: application/octet-stream' \
        "$URL/api/upload/?name=photo.jpg&type=image/jpeg"
    ```

    Either may have metadata:

    ```console
    $ curl -F file=@photo.jpg -F metadata.order=7 "$URL/api/upload/"
    ```

    **After a 503**, the file may be listed as `awaiting_upload`, because its bytes may or may not have reached S3.
    If they did, the event or the sweep processes the file. Otherwise it becomes `expired` after five minutes. A
    file is never shown as uploaded without its bytes.

    **Names in forms.** Browsers and curl encode `"`, carriage return and line feed in a form's file name as `%22`,
    `%0D` and `%0A`, and leave `%` as it is. These three are decoded, so a file that is really named `a%22b`
    arrives as `a"b`. `?name=` can carry any name exactly. A part's `Content-Transfer-Encoding`, which RFC 7578
    deprecates, is decoded; `filename*`, which it forbids, is ignored. Text before the first boundary and after the
    last one is ignored. A declared type that is not a media type is ignored in a form and refused in `?type=`.
    """
    upload = read_upload(body, container.direct_upload_bytes(owner), name, declared_type, disposition, metadata)
    file = upload_file(
        UploadFile(owner, uuids.uuid7(), upload),
        files=container.files(),
        storage=container.storage(),
        metrics=container.metrics(),
        limits=container.limits(),
    )
    return created_file(file, base_url)
