"""The Chalice app: middleware, blueprints of routes, event handlers, the schedule and administration functions.

The routes are in chalicelib/http. Everything else stays here: a blueprint's event handler is deployed as a
function of the blueprint's module, so that app.py would not be imported and no middleware would run
(aws/chalice#1566).

A route is declared without a trailing slash and matches with one too, here and on API Gateway.
"""

from typing import Any

from chalice.app import Chalice, Rate

from chalicelib import container
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.core.processing import dead_letters
from chalicelib.http import (
    caller,
    changes,
    files,
    health,
    management,
    presigned_uploads,
    tokens,
    upload_tokens,
    uploads,
    usage,
)
from chalicelib.http.authentication import authentication_middleware
from chalicelib.http.companion import routes as companion
from chalicelib.http.cors import cors_middleware
from chalicelib.http.dead_letter_messages import parse_dead_letters
from chalicelib.http.host_check import refuse_unknown_hosts
from chalicelib.http.lambda_events import RawEvent, format_mark_result, parse_resume_id, remaining_time
from chalicelib.http.middleware import (
    close_unread_connections,
    normalize_errors,
    observability_middleware,
    remove_bodies_of_head,
)
from chalicelib.http.openapi import routes as openapi
from chalicelib.http.options import add_options_routes
from chalicelib.http.pages import routes as pages
from chalicelib.http.rate_limit import add_rate_limit_headers
from chalicelib.http.s3_events import created_objects
from chalicelib.http.scan_results import parse_scan_result, scan_results_of
from chalicelib.http.security_headers import add_security_headers
from chalicelib.http.upload_request import MULTIPART
from chalicelib.settings import from_environ

container.check_settings()
container.configure_logging()

warm_up = container.warm_up
"""Builds what the routes use. A server of several threads, such as the emulator's, calls it before it is ready."""
max_long_polls = container.settings().max_long_polls
"""How many requests may wait at once. Such a server has more threads."""
read_settings = from_environ
"""Reads the settings of any environment; raises an error that says what is wrong. `make doctor` calls it."""
cors_origins = container.settings().cors_origins
"""Origins of web pages, which may also read the own responses of API Gateway or of such a server."""

app = Chalice(app_name="file-loader", configure_logs=False)
app.api.binary_types.append(MULTIPART)
app.register_middleware(observability_middleware(lambda: container.metrics().collecting()), "all")
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


@app.on_s3_event(bucket=container.settings().bucket, events=["s3:ObjectCreated:*"], prefix=UPLOADS_PREFIX)
def process_upload(event: RawEvent) -> None:
    container.worker().process_all(created_objects(event.to_dict()), lease=remaining_time(event.context))


process_upload.event_class = RawEvent


@app.on_sqs_message(queue=container.settings().dead_letter_queue, batch_size=10, maximum_concurrency=2)
def handle_dead_letters(event: RawEvent) -> None:
    letters = parse_dead_letters(event.to_dict())
    dead_letters.handle_dead_letters(dead_letters.HandleDeadLetters(letters), queue=container.processing_queue())


handle_dead_letters.event_class = RawEvent


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: RawEvent) -> None:
    container.build_sweep(lambda: remaining_time(event.context)).run()


sweep.event_class = RawEvent


@app.schedule(Rate(5, unit=Rate.MINUTES))
def fetch_signing_keys(event: RawEvent) -> None:  # noqa: ARG001  # Lambda calls it with one
    container.fetch_signing_keys()


fetch_signing_keys.event_class = RawEvent


@app.on_cw_event(scan_results_of(container.settings().bucket))
def handle_scan_result(event: RawEvent) -> None:
    container.record_scan(parse_scan_result(event.to_dict(), container.settings().bucket))


handle_scan_result.event_class = RawEvent


@app.lambda_function()
def migrate(event: dict[str, Any], context: Any) -> str:  # noqa: ARG001  # Lambda calls it with both
    return container.migrate()


@app.lambda_function()
def mark_files_for_reprocessing(event: dict[str, Any], context: Any) -> dict[str, Any]:
    result = container.mark_for_reprocessing(parse_resume_id(event), lambda: remaining_time(context))
    return format_mark_result(result)


@app.lambda_function()
def manage(event: dict[str, Any], context: Any) -> Any:  # noqa: ARG001  # Lambda calls it with both
    return management.manage(event, tokens=container.tokens())
