"""Routes of the change feed."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.http.authentication import current_owner
from chalicelib.http.base_url import base_url
from chalicelib.http.errors import handle_errors
from chalicelib.http.params import parse_limit, parse_since
from chalicelib.http.responses import changes_response

blueprint = Blueprint(__name__)


@blueprint.route("/api/changes", methods=["GET"])
@handle_errors
def list_changes_route() -> Response:
    limit = parse_limit(blueprint.current_request)
    entries = wiring.history().changes(current_owner(), parse_since(blueprint.current_request), limit)
    return changes_response(blueprint.current_request, entries, limit, base_url(blueprint.current_request))
