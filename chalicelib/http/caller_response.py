"""Response of the route of who makes a request."""

from chalicelib.core.accounts.model import Caller
from chalicelib.http.resources.callers import CallerResource, caller_resource
from chalicelib.http.responses import UncachedResponse
from chalicelib.http.typed_response import Json


class IdentifiedCaller(UncachedResponse, frozen=True, kw_only=True):
    """The caller."""

    body: Json[CallerResource]


def identified_caller(caller: Caller) -> IdentifiedCaller:
    """Return 200 with who makes the request."""
    return IdentifiedCaller(body=Json[CallerResource].encode(caller_resource(caller)))
