"""The table of contents: every route, the S3 event and its dead letters, the schedule, and what an administrator
invokes.

A route is declared without a trailing slash and matches with one too, here and on API Gateway.
"""

from typing import Any

import uuid_utils.compat as uuids
from chalice.app import Chalice, Rate, Request, Response, SQSEvent

from chalicelib import wiring
from chalicelib.core import (
    dead_letters,
    deleting,
    downloading,
    health,
    history,
    listing,
    reading,
    reprocessing,
    uploading,
)
from chalicelib.core.names import UPLOADS
from chalicelib.core.reading import found
from chalicelib.core.s3_events import created_objects
from chalicelib.http.base_url import public_url
from chalicelib.http.conditional import read_patience
from chalicelib.http.lambda_events import EventNotification, described_again, read_after, remaining_time
from chalicelib.http.middleware import observed
from chalicelib.http.params import read_changes, read_id, read_limit, read_list_query, read_since
from chalicelib.http.request_body import end_connection_with_unread_body
from chalicelib.http.responses import (
    answers,
    changed,
    created,
    diagnosed,
    in_our_shape,
    listed,
    nothing,
    redirected,
    shown,
    shown_unless_known,
    told,
)
from chalicelib.http.upload_request import FORM, RAW, read_upload

wiring.log_as_json()

app = Chalice(app_name="file-loader", configure_logs=False)
app.api.binary_types.append(FORM)
app.register_middleware(observed(lambda: wiring.metrics().collecting()), "all")
app.register_middleware(end_connection_with_unread_body, "http")
app.register_middleware(in_our_shape, "http")


@app.route("/api/upload", methods=["POST"], content_types=[FORM, RAW])
@answers
def upload() -> Response:
    upload = read_upload(request(), wiring.settings().max_upload_bytes)
    file = uploading.upload(
        upload, uuids.uuid7(), owner(), files=wiring.files(), storage=wiring.storage(), metrics=wiring.metrics()
    )
    return created(file, base())


@app.route("/api/files", methods=["GET"])
@answers
def list_files() -> Response:
    page = listing.list_files(wiring.files(), owner(), read_list_query(request()))
    return listed(request(), page, base())


@app.route("/api/files/{file_id}", methods=["GET"])
@answers
def show_file(file_id: str) -> Response:
    patience = read_patience(request())
    file = reading.read(wiring.files(), owner(), read_id(file_id), patience.since, patience.wait)
    return shown_unless_known(request(), file, base())


@app.route("/api/files/{file_id}", methods=["PATCH"])
@answers
def rename_file(file_id: str) -> Response:
    wanted = read_changes(request())
    return shown(found(wiring.files().rename(owner(), read_id(file_id), wanted.name)), base())


@app.route("/api/files/{file_id}", methods=["DELETE"])
@answers
def delete_file(file_id: str) -> Response:
    deleting.delete(
        owner(),
        read_id(file_id),
        files=wiring.files(),
        tombstones=wiring.tombstones(),
        storage=wiring.storage(),
    )
    return nothing()


@app.route("/api/files/{file_id}/content", methods=["GET"])
@answers
def show_content(file_id: str) -> Response:
    file = found(wiring.files().get(owner(), read_id(file_id)))
    return redirected(downloading.download_url(file, wiring.storage_for_clients_of(base())))


@app.route("/api/files/{file_id}/thumbnail", methods=["GET"])
@answers
def show_thumbnail(file_id: str) -> Response:
    file = found(wiring.files().get(owner(), read_id(file_id)))
    return redirected(downloading.thumbnail_url(file, wiring.storage_for_clients_of(base())))


@app.route("/api/files/{file_id}/timeline", methods=["GET"])
@answers
def show_timeline(file_id: str) -> Response:
    return told(history.timeline(wiring.history(), wiring.files(), owner(), read_id(file_id)))


@app.route("/api/files/{file_id}/reprocess", methods=["POST"])
@answers
def reprocess_file(file_id: str) -> Response:
    return shown(reprocessing.reprocess(owner(), read_id(file_id), files=wiring.files()), base(), 202)


@app.route("/api/changes", methods=["GET"])
@answers
def list_changes() -> Response:
    limit = read_limit(request())
    entries = wiring.history().changes(owner(), read_since(request()), limit)
    return changed(request(), entries, limit, base())


@app.route("/api/health", methods=["GET"])
@answers
def show_health() -> Response:
    return diagnosed(health.examine(wiring.work, wiring.storage, wiring.settings().health_max_queue_age))


@app.on_s3_event(bucket=wiring.settings().bucket, events=["s3:ObjectCreated:*"], prefix=UPLOADS)
def process_upload(event: EventNotification) -> None:
    wiring.worker().process_all(created_objects(event.to_dict()), lease=remaining_time(event.context))


process_upload.event_class = EventNotification


@app.on_sqs_message(queue=wiring.settings().dead_letter_queue, batch_size=10, maximum_concurrency=2)
def handle_dead_letters(event: SQSEvent) -> None:
    dead_letters.take((message.body for message in event), wiring.work())


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: EventNotification) -> None:
    wiring.sweep(lambda: remaining_time(event.context)).run()


@app.lambda_function()
def migrate(event: dict[str, Any], context: Any) -> str:  # noqa: ARG001  # what Lambda calls it with
    return wiring.migrate()


@app.lambda_function()
def mark_files_for_reprocessing(event: dict[str, Any], context: Any) -> dict[str, Any]:
    marked = wiring.mark_files_for_reprocessing(read_after(event), lambda: remaining_time(context))
    return described_again(marked)


def request() -> Request:
    assert app.current_request is not None
    return app.current_request


def base() -> str:
    return public_url(request(), wiring.settings().public_urls)


def owner() -> str:
    return wiring.settings().default_owner
