"""Route of the health check."""

from chalicelib import container
from chalicelib.core.health.check_health import CheckHealth, check_health
from chalicelib.http.dependencies import RequestId
from chalicelib.http.responses import Healthy, Unhealthy, health_response
from chalicelib.http.router import Router

blueprint = Router(__name__, tag="Health")


@blueprint.operation("GET", "/api/health", public=True)
def check_health_route(request_id: RequestId) -> Healthy | Unhealthy:
    """Check the service's health.

    ```console
    $ curl "$URL/api/health"
    ```
    """
    command = CheckHealth(container.settings().health_max_queue_age)
    return health_response(
        check_health(command, queue=container.processing_queue, storage=container.storage), request_id
    )
