"""Route of the health check."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.core import health
from chalicelib.http.errors import handle_errors
from chalicelib.http.responses import health_response

blueprint = Blueprint(__name__)


@blueprint.route("/api/health", methods=["GET"])
@handle_errors
def check_health_route() -> Response:
    return health_response(health.examine(wiring.work, wiring.storage, wiring.settings().health_max_queue_age))
