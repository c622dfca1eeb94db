"""Authentication: who makes a request, and whether its route lets it in.

One middleware does it for all routes, and it refuses what it doesn't know: a route has no caller only if it is
declared `public`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import unquote

from chalice.app import Chalice, Request, Response

from chalicelib import container
from chalicelib.core.accounts.authenticate import (
    AuthenticateApiToken,
    AuthenticateJwt,
    AuthenticateUploadToken,
    act_for,
    authenticate_api_token,
    authenticate_jwt,
    authenticate_upload_token,
    build_caller,
    require_scope,
)
from chalicelib.core.accounts.jwt_verifier import is_jwt
from chalicelib.core.accounts.model import Caller, CredentialKind, Owners, Scope
from chalicelib.core.accounts.owner_names import REQUIREMENT, is_owner_name
from chalicelib.core.accounts.upload_tokens import is_upload_token
from chalicelib.core.errors import ServiceError
from chalicelib.http.errors import INVALID_PARAMETER, MISSING_CREDENTIALS, error_response
from chalicelib.http.middleware import Middleware
from chalicelib.http.operation import Operation
from chalicelib.http.rate_limit import require_request_left

OWNER_HEADER = "X-Owner"
"""The owner that an administrator acts for, percent-encoded."""

_ENCODED_OWNER = re.compile(r"(?:[ -$&-+\--~]|%[0-9A-Fa-f]{2})*")
"""ASCII without `%` and `,` need not be encoded. A comma joins the values of a header that was sent twice."""

_ENCODING = "must be there once, percent-encoded as UTF-8 unless it is ASCII, with `%25` for `%` and `%2C` for `,`"

BROWSER_PREFIX = "/u/{upload_token}"
"""What comes before the paths of the routes that take an upload token there, and no other credential."""

_caller: ContextVar[Caller] = ContextVar("caller")


def authentication_middleware(app: Chalice) -> Middleware:
    """Return the middleware that identifies the caller, for `current_caller`, and refuses a request without one,
    or without the scope that its route needs. Register it last, so that the others complete its responses."""

    def middleware(request: Request, get_response: Callable[[Request], Response]) -> Response:
        scope = _needed_scope(app, request)
        if scope is None:
            return get_response(request)
        try:
            caller = identify_caller(request, scope, takes_upload_token=_takes_upload_token(app, request))
        except ServiceError as error:
            return error_response(error)
        with bind_caller(caller):
            return get_response(request)

    return middleware


@contextmanager
def bind_caller(caller: Caller) -> Iterator[None]:
    """Make this the caller of what is called inside."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def current_caller(_request: Request) -> Caller:
    """Return who makes the request. Raises LookupError in a public route."""
    return _caller.get()


def current_owner(request: Request) -> str:
    """Return who owns what the request creates."""
    return current_caller(request).owner


def visible_owners(request: Request) -> Owners:
    """Return whose files the request may read and change."""
    return current_caller(request).visible


def _needed_scope(app: Chalice, request: Request) -> Scope | None:
    """Return the scope that the route needs, None if it is public: OPTIONS, which says no more than the
    description, operations that are declared so, and what is no route (405). Of a route that isn't an operation
    nothing is known."""
    if request.method == "OPTIONS" or request.method not in app.routes[request.path]:
        return None
    operation = _find_operation(app, request)
    return operation.scope if operation else Scope.ADMIN


def _takes_upload_token(app: Chalice, request: Request) -> bool:
    operation = _find_operation(app, request)
    return operation is not None and operation.takes_upload_token


def _find_operation(app: Chalice, request: Request) -> Operation | None:
    """Return the operation of the request's route; None if the route isn't one."""
    operation: Operation | None = getattr(
        app.routes[request.path][request.method].view_function, "operation", None
    )
    return operation


def identify_caller(request: Request, scope: Scope, *, takes_upload_token: bool) -> Caller:
    """Return the caller, who has the scope. An upload token in a header counts for some operations only.

    Raises ServiceError: MISSING_CREDENTIALS, INVALID_TOKEN, TOKEN_EXPIRED, TOKEN_REVOKED, INSUFFICIENT_SCOPE,
    FORBIDDEN_OWNER, INVALID_PARAMETER, RATE_LIMIT_EXCEEDED, DATABASE_UNAVAILABLE, ISSUER_UNAVAILABLE.
    """
    caller = _authenticate(request, takes_upload_token)
    require_request_left(caller)
    requested_owner = request.headers.get(OWNER_HEADER)
    if requested_owner is not None:
        caller = act_for(caller, _parse_owner(requested_owner))
    require_scope(caller, scope, f"{request.method} {request.path}")
    return caller


def _authenticate(request: Request, takes_upload_token: bool) -> Caller:
    if request.path.startswith(f"{BROWSER_PREFIX}/"):
        return _authenticate_upload_token((request.uri_params or {})["upload_token"])
    settings = container.settings()
    if not settings.auth_required:
        return build_caller(settings.default_owner, frozenset({Scope.ADMIN}), CredentialKind.NONE)
    token = _bearer_token(request)
    if is_jwt(token):
        return authenticate_jwt(AuthenticateJwt(token), verifier=container.jwt_verifier())
    if takes_upload_token and is_upload_token(token):
        return _authenticate_upload_token(token)
    return authenticate_api_token(
        AuthenticateApiToken(token), tokens=container.tokens(), limits=container.request_limits()
    )


def _authenticate_upload_token(token: str) -> Caller:
    return authenticate_upload_token(
        AuthenticateUploadToken(token),
        signer=container.upload_token_signer(),
        tokens=container.tokens(),
        limits=container.request_limits(),
    )


def _bearer_token(request: Request) -> str:
    """Return the token of the header `Authorization`. https://www.rfc-editor.org/rfc/rfc6750#section-2.1"""
    header: str = request.headers.get("authorization", "")
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ServiceError(MISSING_CREDENTIALS)
    return token.strip()


def _parse_owner(header: str) -> str:
    if _ENCODED_OWNER.fullmatch(header) is None:
        raise ServiceError(INVALID_PARAMETER, name=OWNER_HEADER, reason=_ENCODING)
    try:
        owner = unquote(header, errors="strict")
    except UnicodeDecodeError:
        raise ServiceError(INVALID_PARAMETER, name=OWNER_HEADER, reason=_ENCODING) from None
    if not is_owner_name(owner):
        raise ServiceError(INVALID_PARAMETER, name=OWNER_HEADER, reason=REQUIREMENT)
    return owner
