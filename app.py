"""The Chalice app: middleware, routes, event handlers, the schedule and administration functions.

The routes are in chalicelib/http. Everything else stays here: a blueprint's event handler is deployed as a
function of the blueprint's module, so that app.py would not be imported and no middleware would run
(aws/chalice#1566).

A route is declared without a trailing slash and matches with one too, here and on API Gateway.

Each function on AWS imports this module when it starts. So the routes are imported only where they are served, and
what one of the other functions needs is imported when that is called.
"""

from typing import Any

from chalice.app import Chalice, Rate

from chalicelib import container
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.http.lambda_events import (
    RawEvent,
    format_mark_result,
    parse_resume_id,
    remaining_time,
    scan_results_of,
)
from chalicelib.http.middleware import observability_middleware
from chalicelib.settings import from_environ

container.check_settings()
container.configure_logging()

warm_up = container.warm_up
"""Builds what the routes use. A server of several threads, such as the emulator's, calls it before it is ready."""
warm_up_functions = container.warm_up_functions
"""Builds what the functions use. The emulator calls it before it forks their processes."""
max_long_polls = container.settings().max_long_polls
"""How many requests may wait at once. Such a server has more threads."""
read_settings = from_environ
"""Reads the settings of any environment; raises an error that says what is wrong. `make doctor` calls it."""
cors_origins = container.settings().cors_origins
"""Origins of web pages, which may also read the own responses of API Gateway or of such a server."""

app = Chalice(app_name="file-loader", configure_logs=False)
app.register_middleware(observability_middleware(lambda: container.metrics().collecting()), "all")
if container.serves_routes():
    from chalicelib.http.routes import register_routes

    register_routes(app)


@app.on_s3_event(bucket=container.settings().bucket, events=["s3:ObjectCreated:*"], prefix=UPLOADS_PREFIX)
def process_upload(event: RawEvent) -> None:
    from chalicelib.http.s3_events import created_objects

    container.worker().process_all(created_objects(event.to_dict()), lease=remaining_time(event.context))


process_upload.event_class = RawEvent


@app.on_sqs_message(queue=container.settings().dead_letter_queue, batch_size=10, maximum_concurrency=2)
def handle_dead_letters(event: RawEvent) -> None:
    from chalicelib.core.processing import dead_letters
    from chalicelib.http.dead_letter_messages import parse_dead_letters

    dead_letters.handle_dead_letters(
        dead_letters.HandleDeadLetters(parse_dead_letters(event.to_dict())), queue=container.processing_queue()
    )


handle_dead_letters.event_class = RawEvent


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: RawEvent) -> None:
    container.build_sweep(lambda: remaining_time(event.context)).run()


sweep.event_class = RawEvent


@app.schedule(Rate(5, unit=Rate.MINUTES))
def fetch_signing_keys(event: RawEvent) -> None:  # noqa: ARG001  # Lambda calls it with one
    from chalicelib import functions

    functions.fetch_signing_keys()


fetch_signing_keys.event_class = RawEvent


@app.on_cw_event(scan_results_of(container.settings().bucket))
def handle_scan_result(event: RawEvent) -> None:
    from chalicelib import functions
    from chalicelib.http.scan_results import parse_scan_result

    functions.record_scan(parse_scan_result(event.to_dict(), container.settings().bucket))


handle_scan_result.event_class = RawEvent


@app.lambda_function()
def migrate(event: dict[str, Any], context: Any) -> str:  # noqa: ARG001  # Lambda calls it with both
    from chalicelib import functions

    return functions.migrate()


@app.lambda_function()
def mark_files_for_reprocessing(event: dict[str, Any], context: Any) -> dict[str, Any]:
    from chalicelib import functions

    result = functions.mark_for_reprocessing(parse_resume_id(event), lambda: remaining_time(context))
    return format_mark_result(result)


@app.lambda_function()
def manage(event: dict[str, Any], context: Any) -> Any:  # noqa: ARG001  # Lambda calls it with both
    from chalicelib.http import management

    return management.manage(event, tokens=container.tokens())
