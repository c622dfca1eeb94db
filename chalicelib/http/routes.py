"""All routes of the app, and the middleware that only they have."""

from chalice.app import Chalice

from chalicelib.http import (
    administration,
    caller,
    changes,
    file_list,
    files,
    health,
    presigned_uploads,
    sign_in,
    tokens,
    upload_tokens,
    uploads,
    usage,
)
from chalicelib.http.authentication import authentication_middleware
from chalicelib.http.companion import routes as companion
from chalicelib.http.cors import cors_middleware
from chalicelib.http.host_check import refuse_unknown_hosts
from chalicelib.http.openapi import routes as openapi
from chalicelib.http.options import add_options_routes
from chalicelib.http.pages import docs_page, web_page
from chalicelib.http.rate_limit import add_rate_limit_headers
from chalicelib.http.response_middleware import close_unread_connections, normalize_errors, remove_bodies_of_head
from chalicelib.http.security_headers import add_security_headers
from chalicelib.http.upload_request import MULTIPART


def register_routes(app: Chalice) -> None:
    """Register the routes and their middleware."""
    app.api.binary_types.append(MULTIPART)
    for middleware in (  # the first is outermost
        add_security_headers,
        cors_middleware(app),
        close_unread_connections,
        remove_bodies_of_head,
        normalize_errors,
        refuse_unknown_hosts,
        add_rate_limit_headers,
        authentication_middleware(app),
    ):
        app.register_middleware(middleware, "http")
    for area in (
        uploads,
        presigned_uploads,
        companion,
        file_list,
        files,
        changes,
        tokens,
        upload_tokens,
        caller,
        sign_in,
        usage,
        administration,
        health,
        openapi,
        docs_page,
        web_page,
    ):
        app.register_blueprint(area.blueprint)
    add_options_routes(app)
