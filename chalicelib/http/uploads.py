"""Routes of uploads."""

import uuid_utils.compat as uuids
from chalice.app import Blueprint, Response

from chalicelib import container
from chalicelib.core.uploads.upload_file import UploadFile, upload_file
from chalicelib.http.authentication import current_owner
from chalicelib.http.base_url import base_url
from chalicelib.http.errors import handle_errors
from chalicelib.http.responses import created_response
from chalicelib.http.upload_request import MULTIPART, PATH, RAW, parse_upload

blueprint = Blueprint(__name__)


@blueprint.route(PATH, methods=["POST"], content_types=[MULTIPART, RAW])
@handle_errors
def upload_file_route() -> Response:
    upload = parse_upload(blueprint.current_request, container.settings().max_upload_bytes)
    file = upload_file(
        UploadFile(current_owner(), uuids.uuid7(), upload),
        files=container.files(),
        storage=container.storage(),
        metrics=container.metrics(),
    )
    return created_response(file, base_url(blueprint.current_request))
