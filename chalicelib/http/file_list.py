"""Route of the list of files."""

from typing import Annotated

from msgspec import Meta

from chalicelib import container
from chalicelib.core.errors import DATABASE_UNAVAILABLE
from chalicelib.core.files.file_list import DEFAULT_LIMIT, ListQuery, Order
from chalicelib.core.files.list_files import ListFiles, list_files
from chalicelib.core.files.statuses import Status
from chalicelib.http.declarations import Query
from chalicelib.http.dependencies import BaseUrl, QueryParameters, VisibleOwners
from chalicelib.http.pagination import CURSOR_PATTERN, INVALID_CURSOR, MAX_CURSOR_LENGTH, decode_cursor
from chalicelib.http.parameter_types import FORMAT, Limit, MetadataParameters, Text
from chalicelib.http.responses import FileList, file_list
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Files")

MAX_PARAMETER_LENGTH = 255
"""Characters, as of a name. The next page's URL repeats the parameters, and API Gateway accepts 10,240 bytes of it
and of the headers.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""


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
