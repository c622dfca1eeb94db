"""Typed routes: a route is its handler's signature, return type and docstring, and the errors it can raise.

The declaration validates the request, shapes the response, and is what `GET /api/openapi.json` describes.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chalice.app import Blueprint, Chalice, Request, Response

from chalicelib.core.accounts.model import Scope
from chalicelib.core.errors import ErrorKind, ServiceError
from chalicelib.http.arguments import read_arguments
from chalicelib.http.errors import HTTP_STATUSES, INTERNAL_ERROR, error_response
from chalicelib.http.operation import Handler, Operation, Parameter
from chalicelib.http.typed_response import build_response

log = logging.getLogger(__name__)

AnyHandler = TypeVar("AnyHandler", bound=Handler)


class Router(Blueprint):
    """A blueprint whose routes are typed. HEAD works wherever GET does."""

    def __init__(self, import_name: str, tag: str) -> None:
        """`tag` is the heading under which its operations are described."""
        super().__init__(import_name)
        self._tag = tag
        self._operations: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        errors: Sequence[ErrorKind] = (),
        ignored: Sequence[Parameter] = (),
        scope: Scope | None = None,
        public: bool = False,
        takes_upload_token: bool = False,
    ) -> Callable[[AnyHandler], AnyHandler]:
        """Return a decorator that makes a function the handler of a method of a path.

        `errors` are those that the handler can raise. Those of parameters, of the body and of every request need
        not be named. `ignored` are parameters that are validated and have no effect.
        The caller needs the `scope`: `read` for GET, `write` for other methods, unless it is given. A `public`
        operation has no caller. For one that `takes_upload_token`, such a token is enough.
        """
        needed = None if public else scope or (Scope.READ if method == "GET" else Scope.WRITE)

        def register(handler: AnyHandler) -> AnyHandler:
            operation = Operation(
                method, path, handler, tuple(errors), tuple(ignored), self._tag, needed, takes_upload_token
            )
            self._operations.append(operation)
            self._add_route(path, operation)
            return handler

        return register

    def repeat_below(self, prefix: str) -> None:
        """Add all routes again with this before their paths. They are the same operations: the handlers don't get
        parameters of the prefix, and the description doesn't have the routes."""
        for operation in self._operations:
            self._add_route(f"{prefix}{operation.path}", operation)

    def _add_route(self, path: str, operation: Operation) -> None:
        def view(**path_parameters: str) -> Response:
            return respond(operation, self.current_request, path_parameters)

        view.__name__ = operation.handler.__name__
        view.operation = operation  # type: ignore[attr-defined]  # read by `operations`
        methods = ["GET", "HEAD"] if operation.method == "GET" else [operation.method]
        self.route(path, methods=methods, content_types=[])(view)


def respond(operation: Operation, request: Request, path_parameters: dict[str, str]) -> Response:
    """Return the operation's response to the request.

    An exception becomes an error response: an unexpected one is logged, and a 500.
    """
    try:
        return build_response(operation.handler(**read_arguments(operation, request, path_parameters)))
    except ServiceError as error:
        if error.kind not in operation.errors:
            log.exception("a route raised an error that it doesn't declare")
        if error.kind in HTTP_STATUSES:
            return error_response(error)
    except Exception:
        log.exception("a route failed")
    return error_response(ServiceError(INTERNAL_ERROR))


def operations(app: Chalice) -> list[Operation]:
    """Return the operations of the app's routes, in the order in which they were declared."""
    found = {id(operation): operation for path in app.routes for operation in operations_of_path(app, path)}
    return list(found.values())


def operations_of_path(app: Chalice, path: str) -> list[Operation]:
    """Return the operations of the routes of one path."""
    found: dict[int, Operation] = {}
    for route in app.routes[path].values():
        operation: Any = getattr(route.view_function, "operation", None)
        if operation is not None:
            found[id(operation)] = operation
    return list(found.values())
