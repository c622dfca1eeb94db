"""All routes of the app, and the middleware that only they have."""

from chalice.app import Chalice

from chalicelib.http import (
    caller,
    changes,
    files,
    health,
    presigned_uploads,
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
from chalicelib.http.pages import routes as pages
from chalicelib.http.rate_limit import add_rate_limit_headers
from chalicelib.http.response_middleware import close_unread_connections, normalize_errors, remove_bodies_of_head
from chalicelib.http.security_headers import add_security_headers
from chalicelib.http.upload_request import MULTIPART


def register_routes(app: Chalice) -> None:
    """Register the routes and their middleware. Chalice calls the middleware that is registered later inside."""
    app.api.binary_types.append(MULTIPART)
    app.register_middleware(add_security_headers, "http")
    app.register_middleware(cors_middleware(app), "http")
    app.register_middleware(close_unread_connections, "http")
    app.register_middleware(remove_bodies_of_head, "http")
    app.register_middleware(normalize_errors, "http")
    app.register_middleware(refuse_unknown_hosts, "http")
    app.register_middleware(add_rate_limit_headers, "http")
    app.register_middleware(authentication_middleware(app), "http")
    app.register_blueprint(uploads.blueprint)
    app.register_blueprint(presigned_uploads.blueprint)
    app.register_blueprint(companion.blueprint)
    app.register_blueprint(files.blueprint)
    app.register_blueprint(changes.blueprint)
    app.register_blueprint(tokens.blueprint)
    app.register_blueprint(upload_tokens.blueprint)
    app.register_blueprint(caller.blueprint)
    app.register_blueprint(usage.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(openapi.blueprint)
    app.register_blueprint(pages.blueprint)
    add_options_routes(app)
