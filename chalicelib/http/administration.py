"""Routes of administration: the whole service, for the scope `admin`."""

from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from chalicelib import container
from chalicelib.core.accounts.model import Scope
from chalicelib.core.administration.get_overview import GetOverview, get_overview
from chalicelib.core.administration.list_owners import ListOwners, list_owners
from chalicelib.core.errors import DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE
from chalicelib.core.files.file_list import DEFAULT_LIMIT
from chalicelib.core.limits.ports import OwnerOrder
from chalicelib.core.processing.mark_for_reprocessing import MarkForReprocessing, mark_for_reprocessing
from chalicelib.http.administration_responses import (
    CurrentOverview,
    MarkedForReprocessing,
    OwnerList,
    current_overview,
    marked_for_reprocessing,
    owner_list,
)
from chalicelib.http.declarations import JsonBody, Query
from chalicelib.http.dependencies import BaseUrl, QueryParameters
from chalicelib.http.parameter_types import Limit, Text
from chalicelib.http.reprocess_request import ALL_FILES, ReprocessRequest
from chalicelib.http.router import Router
from chalicelib.http.time_limit import count_down

blueprint = Router(__name__, tag="Administration")

MARKING_TIME = timedelta(seconds=10)
"""Of a request. API Gateway waits 29 s for a response, and a batch may take a second."""


@blueprint.operation("GET", "/api/admin/overview", scope=Scope.ADMIN, errors=[DATABASE_UNAVAILABLE])
def get_overview_route() -> CurrentOverview:
    """Get an overview of the whole service.

    Returns how many files there are by status and type, which wait for too long, what has failed lately, and the
    last sweep. The numbers are of all owners.

    ```console
    $ curl "$URL/api/admin/overview"
    ```

    However many files there are, only so many are counted: `precision` says whether a number is `exact`.
    """
    command = GetOverview(container.settings().health_max_queue_age)
    return current_overview(
        get_overview(command, counts=container.file_counts(), sweeps=container.sweep_records())
    )


@blueprint.operation("GET", "/api/admin/owners", scope=Scope.ADMIN, errors=[DATABASE_UNAVAILABLE])
def list_owners_route(
    base_url: BaseUrl,
    query: QueryParameters,
    order: Annotated[
        OwnerOrder,
        Meta(description="What they are sorted by."),
        Query(other_names=("sort", "sort_by", "ordering")),
    ] = OwnerOrder.MOST_BYTES,
    limit: Limit = DEFAULT_LIMIT,
    after: Annotated[
        Text | None,
        Meta(description="Only owners that come after this one, which the `Link` header has."),
        Query(other_names=("cursor", "before", "page", "offset")),
    ] = None,
) -> OwnerList:
    """List owners and what they use.

    Returns all owners that have ever had a file, each as in `GET /api/usage`.

    ```console
    $ curl "$URL/api/admin/owners?order=-files"
    ```
    """
    command = ListOwners(order, limit, after)
    owners = list_owners(command, usage_counts=container.usage_counts(), limits=container.limits())
    return owner_list(query, owners, limit, base_url)


@blueprint.operation(
    "POST", "/api/admin/reprocess", scope=Scope.ADMIN, errors=[DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE]
)
def reprocess_outdated_files_route(
    request: Annotated[ReprocessRequest, JsonBody()] = ALL_FILES,
) -> MarkedForReprocessing:
    """Process again what older processors have processed.

    Examines files for a few seconds and marks those for which the processors of this version may find more facts.
    Sweeps process the marked files after everything else, a few minutes later or more; until then they stay as
    they are. Repeat the request with the `after` of the response until that is null.

    ```console
    $ curl -X POST "$URL/api/admin/reprocess"
    ```
    """
    result = mark_for_reprocessing(
        MarkForReprocessing(request.after),
        queue=container.reprocess_queue(),
        catalog=container.build_processor_catalog(),
        remaining=count_down(MARKING_TIME),
    )
    return marked_for_reprocessing(result)
