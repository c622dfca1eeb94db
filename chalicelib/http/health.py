"""Route of the health check."""

from chalice.app import Blueprint, Response

from chalicelib import container
from chalicelib.core.health.check_health import CheckHealth, check_health
from chalicelib.http.errors import handle_errors
from chalicelib.http.responses import health_response

blueprint = Blueprint(__name__)


@blueprint.route("/api/health", methods=["GET"])
@handle_errors
def check_health_route() -> Response:
    command = CheckHealth(container.settings().health_max_queue_age)
    return health_response(check_health(command, queue=container.processing_queue, storage=container.storage))
