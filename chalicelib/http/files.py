"""Routes of files: list, get, rename, delete, download, timeline, reprocess."""

from chalice.app import Blueprint, Response

from chalicelib import container
from chalicelib.core.changes.timeline import GetTimeline, get_timeline
from chalicelib.core.files.delete_file import DeleteFile, delete_file
from chalicelib.core.files.download_urls import (
    GetContentUrl,
    GetThumbnailUrl,
    get_content_url,
    get_thumbnail_url,
)
from chalicelib.core.files.get_file import GetFile, get_file
from chalicelib.core.files.list_files import ListFiles, list_files
from chalicelib.core.files.rename_file import RenameFile, rename_file
from chalicelib.core.processing.reprocess_file import ReprocessFile, reprocess_file
from chalicelib.http.authentication import current_owner
from chalicelib.http.base_url import base_url
from chalicelib.http.conditional import parse_long_poll
from chalicelib.http.errors import handle_errors
from chalicelib.http.params import parse_file_id, parse_file_patch, parse_list_query
from chalicelib.http.responses import (
    file_list_response,
    file_response,
    found_file_response,
    no_content,
    redirect,
    timeline_response,
)

blueprint = Blueprint(__name__)


@blueprint.route("/api/files", methods=["GET"])
@handle_errors
def list_files_route() -> Response:
    request = blueprint.current_request
    page = list_files(ListFiles(current_owner(), parse_list_query(request)), files=container.files())
    return file_list_response(request, page, base_url(request))


@blueprint.route("/api/files/{file_id}", methods=["GET"])
@handle_errors
def get_file_route(file_id: str) -> Response:
    poll = parse_long_poll(blueprint.current_request)
    command = GetFile(current_owner(), parse_file_id(file_id), poll.since_version, poll.wait)
    return found_file_response(
        blueprint.current_request,
        get_file(command, files=container.files(), long_polls=container.long_polls()),
        base_url(blueprint.current_request),
    )


@blueprint.route("/api/files/{file_id}", methods=["PATCH"])
@handle_errors
def rename_file_route(file_id: str) -> Response:
    patch = parse_file_patch(blueprint.current_request)
    file = rename_file(RenameFile(current_owner(), parse_file_id(file_id), patch.name), files=container.files())
    return file_response(file, base_url(blueprint.current_request))


@blueprint.route("/api/files/{file_id}", methods=["DELETE"])
@handle_errors
def delete_file_route(file_id: str) -> Response:
    delete_file(
        DeleteFile(current_owner(), parse_file_id(file_id)),
        files=container.files(),
        tombstones=container.tombstones(),
        storage=container.storage(),
    )
    return no_content()


@blueprint.route("/api/files/{file_id}/content", methods=["GET"])
@handle_errors
def get_content_route(file_id: str) -> Response:
    command = GetContentUrl(current_owner(), parse_file_id(file_id))
    storage = container.public_storage(base_url(blueprint.current_request))
    return redirect(get_content_url(command, files=container.files(), storage=storage))


@blueprint.route("/api/files/{file_id}/thumbnail", methods=["GET"])
@handle_errors
def get_thumbnail_route(file_id: str) -> Response:
    command = GetThumbnailUrl(current_owner(), parse_file_id(file_id))
    storage = container.public_storage(base_url(blueprint.current_request))
    return redirect(get_thumbnail_url(command, files=container.files(), storage=storage))


@blueprint.route("/api/files/{file_id}/timeline", methods=["GET"])
@handle_errors
def get_timeline_route(file_id: str) -> Response:
    command = GetTimeline(current_owner(), parse_file_id(file_id))
    return timeline_response(get_timeline(command, history=container.history(), files=container.files()))


@blueprint.route("/api/files/{file_id}/reprocess", methods=["POST"])
@handle_errors
def reprocess_file_route(file_id: str) -> Response:
    command = ReprocessFile(current_owner(), parse_file_id(file_id))
    return file_response(
        reprocess_file(command, files=container.files()), base_url(blueprint.current_request), 202
    )
