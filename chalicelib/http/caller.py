"""Route of who makes a request."""

from chalicelib.http.caller_response import IdentifiedCaller, identified_caller
from chalicelib.http.dependencies import CurrentCaller
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Accounts")


@blueprint.operation("GET", "/api/me")
def get_caller_route(caller: CurrentCaller) -> IdentifiedCaller:
    """Get who is calling.

    Returns the owner for whom the request acts, and what its credential allows.

    ```console
    $ curl "$URL/api/me"
    ```
    """
    return identified_caller(caller)
