"""The arguments of a route's handler: validated parameters, the body, and what is computed from the request."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin
from urllib.parse import unquote
from uuid import UUID

import msgspec
from chalice.app import Request

from chalicelib.core.errors import ServiceError
from chalicelib.core.files.filenames import is_storable
from chalicelib.http.annotations import metadata_of
from chalicelib.http.declarations import Path, Query, QueryMap, RawBody, ReceivedBody
from chalicelib.http.errors import INVALID_FIELD, INVALID_PARAMETER, MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE
from chalicelib.http.operation import Body, Operation, Parameter
from chalicelib.http.request_body import is_from_gateway, read_complete_body
from chalicelib.http.typed_response import JSON
from chalicelib.http.unknown_parameters import refuse_unknown_and_repeated
from chalicelib.typed_values import decode_json

MAX_DIGITS = 19
"""Of an integer; the largest one of 64 bits has as many. Python refuses to parse thousands of digits."""


def read_arguments(operation: Operation, request: Request, path_parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the handler's arguments by name; one that the request doesn't have is left to its default.

    What is computed comes first, so that a caller without access learns nothing about parameters.
    Raises ServiceError: the errors of its dependencies, its parameters and its body.
    """
    arguments = {name: dependency.compute(request) for name, dependency in operation.dependencies.items()}
    query, path = query_parameters(request), _decode(path_parameters, request)
    sources = {"path": path, "query": dict(query), "header": request.headers}
    for parameter in operation.parameters:
        if isinstance(parameter.marker, QueryMap):
            arguments[parameter.argument] = _read_map(parameter.name, parameter.marker, query)
            continue
        text = sources[parameter.location].get(parameter.name)
        if text is not None:
            arguments[parameter.argument] = parse_value(parameter, text)
        elif parameter.required:
            raise invalid_parameter(parameter.name, "is missing")
    refuse_unknown_and_repeated(operation.parameters, request)
    for parameter in operation.ignored:
        arguments.pop(parameter.argument, None)
    if operation.body and (operation.body.required or request.raw_body):
        arguments[operation.body.argument] = _read_body(operation.body, request)
    return arguments


def query_parameters(request: Request) -> Mapping[str, str]:
    """Return the query parameters; Chalice passes None if there are none."""
    return request.query_params or {}


def _decode(path_parameters: Mapping[str, str], request: Request) -> Mapping[str, str]:
    """Return the parameters without percent encoding. API Gateway has decoded them; `chalice local`, and the
    emulator with it, hasn't."""
    if is_from_gateway(request):
        return path_parameters
    return {name: unquote(value) for name, value in path_parameters.items()}


def parse_value(parameter: Parameter, text: str) -> Any:
    """Return a parameter's value. Raises ServiceError: INVALID_PARAMETER, or the path parameter's error."""
    try:
        value = msgspec.convert(_parse_text(parameter.value_type, text), parameter.schema_type)
    except ValueError as error:  # msgspec.ValidationError is one
        if isinstance(parameter.marker, Path) and parameter.marker.error is not INVALID_PARAMETER:
            raise ServiceError(parameter.marker.error) from None
        reason = _describe_requirement(parameter) or f"is invalid: {error}"
        raise invalid_parameter(parameter.name, reason) from None
    if isinstance(value, str) and not is_storable(value) and parameter.location != "header":
        raise invalid_parameter(parameter.name, "must not contain a NUL character or half of a surrogate pair")
    if isinstance(parameter.marker, Path) and parameter.marker.bind:
        parameter.marker.bind(value)
    return value


def _read_map(name: str, marker: QueryMap, query: Mapping[str, str]) -> dict[str, str]:
    """Return the entries of a map. Raises ServiceError(INVALID_PARAMETER)."""
    entries = {key: value for each, value in query.items() if (key := marker.key_of(each)) is not None}
    if marker.find_fault and (fault := marker.find_fault(entries)):
        raise invalid_parameter(name, f"is invalid: {fault}")
    return entries


def invalid_parameter(name: str, reason: str) -> ServiceError:
    """Return the error of an invalid parameter; the reason says what it must be."""
    return ServiceError(INVALID_PARAMETER, name=name, reason=reason)


def _parse_text(expected: Any, text: str) -> Any:
    """Return the text as the type, before its limits are checked. Raises ValueError."""
    if expected is int:
        if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
            raise ValueError("it is not an integer")
        return int(text)
    if expected is bool:
        return {"true": True, "false": False}.get(text, text)
    if expected is UUID:
        value = UUID(text)
        if str(value) != text.lower():  # UUID() also accepts braces, and hyphens anywhere
            raise ValueError("it is not a UUID")
        return value
    return text


def _describe_requirement(parameter: Parameter) -> str | None:
    """Return what a value of the parameter must be; None if its type doesn't say it in plain words."""
    if isinstance(parameter.marker, Query) and parameter.marker.requirement:
        return parameter.marker.requirement
    expected = parameter.value_type
    if expected is bool:
        return "must be true or false"
    if get_origin(expected) is Literal:
        return f"must be {_list_choices(get_args(expected))}"
    if isinstance(expected, type) and issubclass(expected, StrEnum):
        return f"must be {_list_choices(tuple(expected))}"
    limits = {
        name: limit
        for meta in metadata_of(parameter.annotation)
        if isinstance(meta, msgspec.Meta)
        for name in ("ge", "le", "min_length", "max_length", "pattern")
        if (limit := getattr(meta, name)) is not None
    }
    if expected is int and {"ge", "le"} <= limits.keys():
        return f"must be an integer from {limits['ge']} to {limits['le']}"
    if expected is str and limits.keys() == {"max_length"}:
        return f"must not be longer than {limits['max_length']} characters"
    return None


def _list_choices(choices: tuple[object, ...]) -> str:
    return str(choices[0]) if len(choices) == 1 else f"one of {', '.join(map(str, choices))}"


def _read_body(body: Body, request: Request) -> Any:
    """Return the body as its argument's type. Raises ServiceError: the errors that its marker declares."""
    if isinstance(body.marker, RawBody):
        return read_raw_body(body.marker, request)
    return read_json_body(body.annotation, request)


def read_raw_body(expected: RawBody, request: Request) -> ReceivedBody:
    """Return the body. Raises ServiceError: LENGTH_REQUIRED, MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE."""
    content_type = request.headers.get("content-type", "")
    if _media_type(content_type) not in expected.media_types:
        raise _unsupported_media_type(content_type, expected.expected)
    return ReceivedBody(read_complete_body(request), content_type)


def read_json_body(expected: Any, request: Request) -> Any:
    """Return the body as this type. The request must say that it is JSON: a browser asks first whether the page of
    another origin may say so, and sends what has no Content-Type without asking.
    https://fetch.spec.whatwg.org/#cors-safelisted-request-header

    Raises ServiceError: INVALID_FIELD, LENGTH_REQUIRED, MALFORMED_BODY, UNSUPPORTED_MEDIA_TYPE.
    """
    content_type = request.headers.get("content-type", "")
    if _media_type(content_type) != JSON:
        raise _unsupported_media_type(content_type, JSON)
    content = read_complete_body(request)
    if not content:
        raise ServiceError(MALFORMED_BODY, reason="it is empty; send JSON")
    try:
        return decode_json(content, expected)
    except msgspec.ValidationError as error:
        raise ServiceError(INVALID_FIELD, reason=str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ServiceError(MALFORMED_BODY, reason=f"it is not valid JSON ({error})") from None


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _unsupported_media_type(content_type: str, allowed: str) -> ServiceError:
    return ServiceError(UNSUPPORTED_MEDIA_TYPE, content_type=content_type or "(none)", allowed=allowed)
