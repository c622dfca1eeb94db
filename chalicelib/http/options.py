"""OPTIONS of every path: which methods it has. https://www.rfc-editor.org/rfc/rfc9110#section-9.3.7"""

from chalice.app import Chalice, Response


def add_options_routes(app: Chalice) -> None:
    """Add OPTIONS to every path of the app. Call it when all other routes are registered.

    They are routes like others, so that API Gateway passes such requests on to the app. Chalice's own CORS would
    have API Gateway respond with headers that are the same for every origin.
    """

    def options(**_path_parameters: str) -> Response:
        request = app.current_request
        assert request is not None
        return Response("", {"Allow": allowed_methods(app, request.path)}, 204)

    for path in app.routes:
        app.route(path, methods=["OPTIONS"], content_types=[])(options)


def allowed_methods(app: Chalice, path: str) -> str:
    """Return the methods of a path, as its 405 has them in `Allow`."""
    return ", ".join(app.routes[path])
