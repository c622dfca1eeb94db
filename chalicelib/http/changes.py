"""Routes of the change feed."""

from chalice.app import Blueprint, Response

from chalicelib import container
from chalicelib.core.changes.list_changes import ListChanges, list_changes
from chalicelib.http.authentication import current_owner
from chalicelib.http.base_url import base_url
from chalicelib.http.errors import handle_errors
from chalicelib.http.params import parse_limit, parse_since_seq
from chalicelib.http.responses import changes_response

blueprint = Blueprint(__name__)


@blueprint.route("/api/changes", methods=["GET"])
@handle_errors
def list_changes_route() -> Response:
    request = blueprint.current_request
    command = ListChanges(current_owner(), parse_since_seq(request), parse_limit(request))
    return changes_response(
        request, list_changes(command, history=container.history()), command.limit, base_url(request)
    )
