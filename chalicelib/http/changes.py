"""Routes of the change feed."""

from typing import Annotated

from msgspec import Meta

from chalicelib import container
from chalicelib.core.changes.list_changes import ListChanges, list_changes
from chalicelib.core.errors import DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE
from chalicelib.core.files.file_list import DEFAULT_LIMIT
from chalicelib.http.declarations import Query
from chalicelib.http.dependencies import BaseUrl, Owner, QueryParameters
from chalicelib.http.parameter_types import Limit
from chalicelib.http.responses import ChangeList, change_list
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Changes")


@blueprint.operation("GET", "/api/changes", errors=[DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE])
def list_changes_route(
    owner: Owner,
    base_url: BaseUrl,
    query: QueryParameters,
    since: Annotated[
        int,
        Meta(ge=0, le=2**63 - 1, description="The `seq` of the last change that the client has."),
        Query(other_names=("seq", "cursor", "after", "offset", "page")),
    ] = 0,
    limit: Limit = DEFAULT_LIMIT,
    newest: Annotated[
        bool,
        Meta(
            description="`true`: the last of these changes, where there are more than `limit`, instead of the "
            "first. With a `Link`, there are even newer ones."
        ),
        Query(other_names=("latest", "last", "tail")),
    ] = False,
) -> ChangeList:
    """List changes of all files.

    Returns the changes after `since` in commit order, without gaps, even under concurrent writes. Store the last
    `seq` and send it as `since` in the next request.

    ```console
    $ curl "$URL/api/changes?since=0"
    ```

    A client that lists the files, and then follows what changes, begins with the newest change:

    ```console
    $ curl "$URL/api/changes?newest=true&limit=1"
    ```

    The changes are those of one owner's files, also for administrators: their own, or those of the owner in
    `X-Owner`.

    After a full page, or one that ends at 5 MB, the URL of the next one is in the header `Link`. Events of S3 and
    dead letters are in timelines only.
    """
    page = list_changes(ListChanges(owner, since, limit, newest), history=container.history())
    return change_list(query, page, newest=newest, base_url=base_url)
