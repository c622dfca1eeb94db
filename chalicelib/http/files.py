"""Routes of files: list, get, rename, delete, download, timeline, reprocess."""

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.core import deleting, downloading, history, listing, reading, reprocessing
from chalicelib.core.reading import found
from chalicelib.http.authentication import current_owner
from chalicelib.http.base_url import base_url
from chalicelib.http.conditional import parse_long_poll
from chalicelib.http.errors import handle_errors
from chalicelib.http.params import parse_file_id, parse_file_patch, parse_list_query
from chalicelib.http.responses import (
    file_list_response,
    file_response,
    file_response_or_304,
    no_content,
    redirect,
    timeline_response,
)

blueprint = Blueprint(__name__)


@blueprint.route("/api/files", methods=["GET"])
@handle_errors
def list_files_route() -> Response:
    request = blueprint.current_request
    page = listing.list_files(wiring.files(), current_owner(), parse_list_query(request))
    return file_list_response(request, page, base_url(request))


@blueprint.route("/api/files/{file_id}", methods=["GET"])
@handle_errors
def get_file_route(file_id: str) -> Response:
    poll = parse_long_poll(blueprint.current_request)
    file = reading.read(wiring.files(), current_owner(), parse_file_id(file_id), poll.since, poll.wait)
    return file_response_or_304(blueprint.current_request, file, base_url(blueprint.current_request))


@blueprint.route("/api/files/{file_id}", methods=["PATCH"])
@handle_errors
def rename_file_route(file_id: str) -> Response:
    patch = parse_file_patch(blueprint.current_request)
    file = found(wiring.files().rename(current_owner(), parse_file_id(file_id), patch.name))
    return file_response(file, base_url(blueprint.current_request))


@blueprint.route("/api/files/{file_id}", methods=["DELETE"])
@handle_errors
def delete_file_route(file_id: str) -> Response:
    deleting.delete(
        current_owner(),
        parse_file_id(file_id),
        files=wiring.files(),
        tombstones=wiring.tombstones(),
        storage=wiring.storage(),
    )
    return no_content()


@blueprint.route("/api/files/{file_id}/content", methods=["GET"])
@handle_errors
def get_content_route(file_id: str) -> Response:
    file = found(wiring.files().get(current_owner(), parse_file_id(file_id)))
    storage = wiring.storage_for_clients_of(base_url(blueprint.current_request))
    return redirect(downloading.download_url(file, storage))


@blueprint.route("/api/files/{file_id}/thumbnail", methods=["GET"])
@handle_errors
def get_thumbnail_route(file_id: str) -> Response:
    file = found(wiring.files().get(current_owner(), parse_file_id(file_id)))
    storage = wiring.storage_for_clients_of(base_url(blueprint.current_request))
    return redirect(downloading.thumbnail_url(file, storage))


@blueprint.route("/api/files/{file_id}/timeline", methods=["GET"])
@handle_errors
def get_timeline_route(file_id: str) -> Response:
    entries = history.timeline(wiring.history(), wiring.files(), current_owner(), parse_file_id(file_id))
    return timeline_response(entries)


@blueprint.route("/api/files/{file_id}/reprocess", methods=["POST"])
@handle_errors
def reprocess_file_route(file_id: str) -> Response:
    file = reprocessing.reprocess(current_owner(), parse_file_id(file_id), files=wiring.files())
    return file_response(file, base_url(blueprint.current_request), 202)
