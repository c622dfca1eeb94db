"""Routes of uploads."""

import uuid_utils.compat as uuids
from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.core import uploading
from chalicelib.http.authentication import current_owner
from chalicelib.http.base_url import base_url
from chalicelib.http.errors import handle_errors
from chalicelib.http.responses import created_response
from chalicelib.http.upload_request import FORM, RAW, parse_upload

blueprint = Blueprint(__name__)


@blueprint.route("/api/upload", methods=["POST"], content_types=[FORM, RAW])
@handle_errors
def upload_file_route() -> Response:
    request = blueprint.current_request
    file = uploading.upload(
        parse_upload(request, wiring.settings().max_upload_bytes),
        uuids.uuid7(),
        current_owner(),
        files=wiring.files(),
        storage=wiring.storage(),
        metrics=wiring.metrics(),
    )
    return created_response(file, base_url(request))
