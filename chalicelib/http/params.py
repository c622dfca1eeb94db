"""Typed values from query strings, path parameters and JSON bodies."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar, overload
from uuid import UUID

import msgspec
from chalice.app import Request

from chalicelib.core.errors import ServiceError
from chalicelib.core.files.file_list import DEFAULT_LIMIT, MAX_LIMIT, ListQuery, Order
from chalicelib.core.files.filenames import clean_filename, is_storable
from chalicelib.core.files.statuses import Status
from chalicelib.core.log_context import bind_request_file
from chalicelib.http.errors import INVALID_FIELD, INVALID_PARAMETER, MALFORMED_BODY, MALFORMED_ID
from chalicelib.http.pagination import LIST_PARAMETERS, decode_cursor
from chalicelib.http.request_body import read_complete_body

Choice = TypeVar("Choice", bound=StrEnum)


MAX_PARAMETER_LENGTH = 255
"""Characters, as of a name. The next page's URL repeats the parameters, and API Gateway accepts 10,240 bytes of it
and of the headers.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""


class FilePatch(msgspec.Struct, forbid_unknown_fields=True):
    """The JSON body of a PATCH."""

    name: str


def parse_file_id(raw: str) -> UUID:
    """Return the file id of a path, and add it to the request's log lines. Raises ServiceError(MALFORMED_ID)."""
    try:
        file_id = UUID(raw)
    except ValueError:
        raise ServiceError(MALFORMED_ID) from None
    if str(file_id) != raw.lower():  # UUID() also accepts braces, and hyphens anywhere
        raise ServiceError(MALFORMED_ID)
    bind_request_file(file_id)
    return file_id


def parse_file_patch(request: Request) -> FilePatch:
    """Return the JSON body of a PATCH.

    Raises ServiceError: LENGTH_REQUIRED, MALFORMED_BODY, INVALID_FIELD, INVALID_NAME.
    """
    try:
        patch = msgspec.json.decode(read_complete_body(request), type=FilePatch)
    except msgspec.ValidationError as error:
        raise ServiceError(INVALID_FIELD, reason=str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ServiceError(MALFORMED_BODY, reason=f"it is not valid JSON ({error})") from None
    return FilePatch(name=clean_filename(patch.name))


def parse_list_query(request: Request) -> ListQuery:
    """Return the filters, order and position of a file list. Raises ServiceError(INVALID_PARAMETER)."""
    params = query_params(request)
    for name, value in params.items():
        if not is_storable(value):
            raise _invalid(name, "must not contain a NUL character or half of a surrogate pair")
        if len(value) > MAX_PARAMETER_LENGTH and name in LIST_PARAMETERS:
            raise _invalid(name, f"must not be longer than {MAX_PARAMETER_LENGTH} characters")
    order = _choice_param(request, "order", Order) or Order.NEWEST
    return ListQuery(
        limit=parse_limit(request),
        status=_choice_param(request, "status", Status),
        type=params.get("type") or None,
        mismatch=bool_param(request, "mismatch"),
        name_contains=params.get("q") or None,
        order=order,
        after=decode_cursor(params["cursor"], order) if "cursor" in params else None,
    )


def parse_limit(request: Request) -> int:
    """Return the maximum number of files or of changes in a page. Raises ServiceError(INVALID_PARAMETER)."""
    return int_param(request, "limit", 1, MAX_LIMIT, default=DEFAULT_LIMIT)


def parse_since_seq(request: Request) -> int:
    """Return the `seq` after which the requested changes begin. Raises ServiceError(INVALID_PARAMETER)."""
    return int_param(request, "since", 0, 2**63 - 1, default=0)


@overload
def int_param(request: Request, name: str, minimum: int, maximum: int, default: int) -> int: ...
@overload
def int_param(request: Request, name: str, minimum: int, maximum: int) -> int | None: ...
def int_param(request: Request, name: str, minimum: int, maximum: int, default: int | None = None) -> int | None:
    """Return a query parameter as an integer, or the default if it is missing.

    Raises ServiceError(INVALID_PARAMETER).
    """
    raw = query_params(request).get(name)
    if raw is None:
        return default
    is_number = raw.isascii() and raw.isdigit() and len(raw) <= len(str(maximum))
    if not (is_number and minimum <= int(raw) <= maximum):
        raise _invalid(name, f"must be an integer from {minimum} to {maximum}")
    return int(raw)


def bool_param(request: Request, name: str) -> bool | None:
    """Return a query parameter as a boolean, None if it is missing. Raises ServiceError(INVALID_PARAMETER)."""
    params = query_params(request)
    if name not in params:
        return None
    if params[name] not in {"true", "false"}:
        raise _invalid(name, "must be true or false")
    return params[name] == "true"


def query_params(request: Request) -> Mapping[str, str]:
    """Return the query parameters; Chalice passes None if there are none."""
    return request.query_params or {}


def _choice_param(request: Request, name: str, choices: type[Choice]) -> Choice | None:
    params = query_params(request)
    if name not in params:
        return None
    try:
        return choices(params[name])
    except ValueError:
        raise _invalid(name, f"must be one of {', '.join(choices)}") from None


def _invalid(name: str, reason: str) -> ServiceError:
    return ServiceError(INVALID_PARAMETER, name=name, reason=reason)
