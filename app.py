"""The table of contents: every route, the S3 event and its dead letters, the schedule, and what an administrator
invokes.

A route is declared without a trailing slash and matches with one too, here and on API Gateway.
"""

from typing import Any

import uuid_utils.compat as uuids
from chalice.app import Chalice, Rate, Request, Response, SQSEvent

from chalicelib import container
from chalicelib.core.changes.list_changes import ListChanges
from chalicelib.core.changes.list_changes import list_changes as changes_of
from chalicelib.core.changes.timeline import GetTimeline, get_timeline
from chalicelib.core.files import delete_file as deletion
from chalicelib.core.files import list_files as listing
from chalicelib.core.files import rename_file as renaming
from chalicelib.core.files.download_urls import (
    GetContentUrl,
    GetThumbnailUrl,
    get_content_url,
    get_thumbnail_url,
)
from chalicelib.core.files.get_file import GetFile, get_file
from chalicelib.core.files.object_keys import UPLOADS
from chalicelib.core.health.check_health import CheckHealth, check_health
from chalicelib.core.processing import reprocess_file as reprocessing
from chalicelib.core.processing.dead_letters import handle_dead_letters as record_dead_letters
from chalicelib.core.uploads.upload_file import UploadFile, upload_file
from chalicelib.http.addresses import public_url
from chalicelib.http.answers import (
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
from chalicelib.http.bodies import end_connection_with_unread_body
from chalicelib.http.conditions import read_patience
from chalicelib.http.dead_letter_messages import parse_dead_letters
from chalicelib.http.invocations import EventNotification, described_again, read_after, remaining_time
from chalicelib.http.observing import observed
from chalicelib.http.parameters import read_changes, read_id, read_limit, read_list_query, read_since
from chalicelib.http.s3_events import created_objects
from chalicelib.http.upload_requests import FORM, RAW, read_upload

container.configure_logging()

app = Chalice(app_name="file-loader", configure_logs=False)
app.api.binary_types.append(FORM)
app.register_middleware(observed(lambda: container.metrics().collecting()), "all")
app.register_middleware(end_connection_with_unread_body, "http")
app.register_middleware(in_our_shape, "http")


@app.route("/api/upload", methods=["POST"], content_types=[FORM, RAW])
@answers
def upload() -> Response:
    upload = read_upload(request(), container.settings().max_upload_bytes)
    file = upload_file(
        UploadFile(owner(), uuids.uuid7(), upload),
        files=container.files(),
        storage=container.storage(),
        metrics=container.metrics(),
    )
    return created(file, base())


@app.route("/api/files", methods=["GET"])
@answers
def list_files() -> Response:
    page = listing.list_files(listing.ListFiles(owner(), read_list_query(request())), files=container.files())
    return listed(request(), page, base())


@app.route("/api/files/{file_id}", methods=["GET"])
@answers
def show_file(file_id: str) -> Response:
    patience = read_patience(request())
    command = GetFile(owner(), read_id(file_id), patience.since, patience.wait)
    return shown_unless_known(request(), get_file(command, files=container.files()), base())


@app.route("/api/files/{file_id}", methods=["PATCH"])
@answers
def rename_file(file_id: str) -> Response:
    wanted = read_changes(request())
    command = renaming.RenameFile(owner(), read_id(file_id), wanted.name)
    return shown(renaming.rename_file(command, files=container.files()), base())


@app.route("/api/files/{file_id}", methods=["DELETE"])
@answers
def delete_file(file_id: str) -> Response:
    deletion.delete_file(
        deletion.DeleteFile(owner(), read_id(file_id)),
        files=container.files(),
        tombstones=container.tombstones(),
        storage=container.storage(),
    )
    return nothing()


@app.route("/api/files/{file_id}/content", methods=["GET"])
@answers
def show_content(file_id: str) -> Response:
    command = GetContentUrl(owner(), read_id(file_id))
    return redirected(get_content_url(command, files=container.files(), storage=container.public_storage(base())))


@app.route("/api/files/{file_id}/thumbnail", methods=["GET"])
@answers
def show_thumbnail(file_id: str) -> Response:
    command = GetThumbnailUrl(owner(), read_id(file_id))
    storage = container.public_storage(base())
    return redirected(get_thumbnail_url(command, files=container.files(), storage=storage))


@app.route("/api/files/{file_id}/timeline", methods=["GET"])
@answers
def show_timeline(file_id: str) -> Response:
    command = GetTimeline(owner(), read_id(file_id))
    return told(get_timeline(command, history=container.history(), files=container.files()))


@app.route("/api/files/{file_id}/reprocess", methods=["POST"])
@answers
def reprocess_file(file_id: str) -> Response:
    command = reprocessing.ReprocessFile(owner(), read_id(file_id))
    return shown(reprocessing.reprocess_file(command, files=container.files()), base(), 202)


@app.route("/api/changes", methods=["GET"])
@answers
def list_changes() -> Response:
    limit = read_limit(request())
    entries = changes_of(ListChanges(owner(), read_since(request()), limit), history=container.history())
    return changed(request(), entries, limit, base())


@app.route("/api/health", methods=["GET"])
@answers
def show_health() -> Response:
    command = CheckHealth(container.settings().health_max_queue_age)
    return diagnosed(check_health(command, queue=container.processing_queue, storage=container.storage))


@app.on_s3_event(bucket=container.settings().bucket, events=["s3:ObjectCreated:*"], prefix=UPLOADS)
def process_upload(event: EventNotification) -> None:
    container.worker().process_all(created_objects(event.to_dict()), lease=remaining_time(event.context))


process_upload.event_class = EventNotification


@app.on_sqs_message(queue=container.settings().dead_letter_queue, batch_size=10, maximum_concurrency=2)
def handle_dead_letters(event: SQSEvent) -> None:
    letters = parse_dead_letters(message.body for message in event)
    record_dead_letters(letters, queue=container.processing_queue())


@app.schedule(Rate(1, unit=Rate.MINUTES))
def sweep(event: EventNotification) -> None:
    container.sweep(lambda: remaining_time(event.context)).run()


@app.lambda_function()
def migrate(event: dict[str, Any], context: Any) -> str:  # noqa: ARG001  # what Lambda calls it with
    return container.migrate()


@app.lambda_function()
def mark_files_for_reprocessing(event: dict[str, Any], context: Any) -> dict[str, Any]:
    marked = container.mark_for_reprocessing(read_after(event), lambda: remaining_time(context))
    return described_again(marked)


def request() -> Request:
    assert app.current_request is not None
    return app.current_request


def base() -> str:
    return public_url(request(), container.settings().public_urls)


def owner() -> str:
    return container.settings().default_owner
