"""Route of what an owner has used and has left."""

from chalicelib import container
from chalicelib.core.errors import DATABASE_UNAVAILABLE
from chalicelib.core.limits.get_usage import GetUsage, get_usage
from chalicelib.http.dependencies import Owner
from chalicelib.http.responses import CurrentUsage, current_usage
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Limits")


@blueprint.operation("GET", "/api/usage", errors=[DATABASE_UNAVAILABLE], takes_upload_token=True)
def get_usage_route(owner: Owner) -> CurrentUsage:
    """Get what is used, and what is left.

    A file counts as soon as it is announced, its bytes as soon as its size is known. An upload beyond a limit is
    refused: with 413 `file_too_large`, 403 `quota_exceeded`, or 429 `daily_quota_exceeded`. A file whose size or
    type becomes known when it has arrived is `rejected` then, and its object deleted.

    ```console
    $ curl "$URL/api/usage"
    ```
    """
    command = GetUsage(owner, container.owner_limits(owner))
    return current_usage(get_usage(command, usage_counts=container.usage_counts()))
