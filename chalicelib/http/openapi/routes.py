"""Route of the API's description."""

from typing import Annotated

from msgspec import Meta

from chalicelib.http.declarations import Header
from chalicelib.http.dependencies import BaseUrls
from chalicelib.http.openapi.responses import Description, UnchangedDescription, description
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Documentation")


@blueprint.operation("GET", "/api/openapi.json", public=True)
def get_openapi_route(
    base_urls: BaseUrls,
    if_none_match: Annotated[
        str | None,
        Meta(description="ETags that the client has. If one is the description's, the response is 304."),
        Header("If-None-Match"),
    ] = None,
) -> Description | UnchangedDescription:
    """Get this description of the API.

    Returns an OpenAPI 3.1 document. It is generated from the declarations that the routes themselves use, so it is
    what this installation does. `servers` has the URL that the request used first, then the others of
    `PUBLIC_URL`.

    ```console
    $ curl "$URL/api/openapi.json"
    ```
    """
    return description(blueprint.current_app, base_urls, if_none_match)
