"""Hooks and checks of schemathesis: what the description can't say of this API. `st` imports this module.

OpenAPI can't say that a value comes from an earlier response, or that one of two parameters is required. So
requests that are to be accepted get such values here; requests that are to be refused stay as they are.
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.checks import CheckContext
from schemathesis.core.parameters import ParameterLocation

from chalicelib.core.files.file_list import Order, Position
from chalicelib.core.files.get_file import MAX_WAIT
from chalicelib.http.pagination import encode_cursor
from chalicelib.http.typed_response import JSON
from chalicelib.http.upload_request import MULTIPART, RAW
from chalicelib.settings import MAX_OBJECT_BYTES

LAST_KEYS: dict[str, str | int] = {
    "uploaded_at": datetime(2026, 11, 28, tzinfo=UTC).isoformat(),
    "name": "m",
    "size": 100,
}
"""Of the file that a page ends with, by what the list is sorted by."""
LAST_ID = UUID("01930000-0000-7000-8000-000000000000")


@schemathesis.hook
def filter_case(context: HookContext, case: Case[Any]) -> bool:  # noqa: ARG001  # its signature
    """Leave out forms that are to be refused and aren't wrong.

    In a form, `null` is a file of four bytes. And a form without metadata doesn't violate the pattern of metadata,
    of which schemathesis makes such a form too, by chance.
    """
    if case.media_type != MULTIPART or not isinstance(case.body, dict) or "file" not in case.body:
        return True
    if case.body.keys() == {"file"} and is_to_be_refused(case):
        return False
    return isinstance(case.body["file"], bytes | str)


def is_to_be_refused(case: Case[Any]) -> bool:
    """Return whether the case's body is made to violate the description."""
    body = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
    return body is not None and body.mode.is_negative


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:  # noqa: ARG001  # its signature
    """Complete a request that is to be accepted."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.media_type == JSON:
        case.body = complete_body(case.body, case.operation.path)
    if case.operation.path.startswith("/s3/"):
        complete_request_of_uppy(case)
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid4())
    if "cursor" in case.query:
        order = Order(case.query.get("order", Order.NEWEST))
        case.query["cursor"] = encode_cursor(Position(order, LAST_KEYS[order.key], LAST_ID))
    if case.media_type == RAW and "name" not in case.query:
        case.query["name"] = "a.bin"
    if "wait" in case.query:  # else most of a run would be waiting
        case.query["wait"] = int(case.query["wait"]) // int(MAX_WAIT.total_seconds())


def complete_request_of_uppy(case: Case[Any]) -> None:
    """Replace what the description allows because Uppy sends it, and the service refuses of others."""
    for name in [name for name in case.query if name.startswith("metadata")]:
        del case.query[name]
    if isinstance(case.body, dict) and case.body.get("metadata"):
        case.body["metadata"] = {"order": 7, "relativePath": None}
    if case.operation.path == "/s3/sign" and isinstance(case.body, dict):
        case.body |= {"method": "PUT", "uploadId": None, "partNumber": None}


def complete_body(body: Any, path: str) -> Any:
    """Return the JSON body with values that the description allows and schemathesis doesn't find out."""
    body = _without_fractions(body)
    if isinstance(body, dict) and "size" in body:
        body["size"] %= MAX_OBJECT_BYTES  # the limit is a setting
    if isinstance(body, dict) and path == "/api/tokens":  # its texts have to be printable
        body |= {"name": "laptop", "owner": body.get("owner") and "alice"}
    if isinstance(body, dict) and "numbers" in body:
        body["numbers"] = [1]  # how many parts there are depends on the size
    if isinstance(body, dict) and body.get("checksum"):
        digits = 64 if body["checksum"]["algorithm"] == "sha256" else 16
        body["checksum"]["value"] = body["checksum"]["value"][:16] * (digits // 16)
    return body


def _without_fractions(value: Any) -> Any:
    """Return JSON with 7 instead of 7.0, which is an integer to JSON Schema but to no writer of JSON."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _without_fractions(each) for name, each in value.items()}
    return [_without_fractions(each) for each in value] if isinstance(value, list) else value


@schemathesis.check
def unknown_and_repeated_parameters_are_refused(
    context: CheckContext,  # noqa: ARG001  # its signature
    response: Response,
    case: Case[Any],
) -> None:
    """Check what schemathesis doesn't, because most APIs ignore them."""
    declared = [re.compile(names_of(parameter.definition)) for parameter in case.operation.query]
    sent = [name for name, _ in parse_qsl(urlsplit(str(response.request.url)).query, keep_blank_values=True)]
    if all(any(each.search(name) for each in declared) for name in sent) and len(set(sent)) == len(sent):
        return
    assert response.status_code in {400, 405}, f"accepted {sent}"


def names_of(parameter: dict[str, Any]) -> str:
    """Return a pattern of the names in a query that a Parameter Object describes: of a map, its entries."""
    name = re.escape(parameter["name"])
    match parameter.get("style"):
        case "deepObject":
            return rf"^{name}\[.*\]\Z"
        case "form":
            return str(parameter["schema"].get("propertyNames", {"pattern": ""})["pattern"])  # any, for a page
        case _:
            return rf"^{name}\Z"


@schemathesis.check
def errors_are_explained(
    context: CheckContext,  # noqa: ARG001  # its signature
    response: Response,
    case: Case[Any],  # noqa: ARG001
) -> None:
    """Check the body of every error, also of one that no operation describes."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    assert response.headers["content-type"] == ["application/json"]
    error = response.json()
    assert {"error", "message", "requestId"} <= error.keys()
    assert all(isinstance(error[name], str) and error[name] for name in ("error", "message", "requestId"))
