"""A typed route responds as it declares, and whatever it raises becomes an error response."""

import json
from typing import Annotated, Any, ClassVar

import pytest

from chalicelib.core.errors import FILE_NOT_FOUND, OBJECT_MISSING, ErrorKind, ServiceError
from chalicelib.http.declarations import Header
from chalicelib.http.errors import (
    AUTHENTICATION_ERRORS,
    COMMON_ERRORS,
    INTERNAL_ERROR,
    INVALID_PARAMETER,
    MALFORMED_ID,
)
from chalicelib.http.operation import Operation
from chalicelib.http.parameter_types import FileId
from chalicelib.http.responses import NoContent
from chalicelib.http.router import respond
from chalicelib.http.typed_response import Json, TypedResponse
from tests.unit.http_requests import get_request


class Thing(TypedResponse, frozen=True, kw_only=True):
    """A thing."""

    status_code: ClassVar[int] = 203
    body: Json[dict[str, int]]
    count: Annotated[int, Header("X-Count")]
    note: Annotated[str | None, Header("X-Note")] = None


class Page(TypedResponse, frozen=True, kw_only=True):
    """A page."""

    status_code: ClassVar[int] = 200
    media_type: ClassVar[str] = "text/html; charset=utf-8"
    body: str
    note: Annotated[str, Header("X-Note")] | None = None


def operation(handler: Any, errors: tuple[ErrorKind, ...] = (), path: str = "/things") -> Operation:
    return Operation("GET", path, handler, errors, (), "Things")


def test_response_has_the_declared_status_headers_and_body() -> None:
    def get_thing() -> Thing:
        return Thing(body=Json.encode({"a": 1}), count=3)

    response = respond(operation(get_thing), get_request(), {})
    assert response.status_code == 203
    assert response.headers == {"Content-Type": "application/json", "X-Count": "3"}
    assert response.body == '{"a":1}'


def test_header_that_is_optional_as_a_whole_is_sent() -> None:
    response = respond(operation(lambda: Page(body="", note="a")), get_request(), {})
    assert response.headers["X-Note"] == "a"
    assert "X-Note" not in respond(operation(lambda: Page(body="")), get_request(), {}).headers


def test_text_has_its_media_type_and_a_response_without_body_has_none() -> None:
    response = respond(operation(lambda: Page(body="<p>")), get_request(), {})
    assert (response.body, response.headers) == ("<p>", {"Content-Type": "text/html; charset=utf-8"})
    response = respond(operation(lambda: NoContent()), get_request(), {})
    assert (response.status_code, response.body, response.headers) == (204, "", {})


def raise_error(kind: ErrorKind) -> Any:
    def route() -> NoContent:
        raise ServiceError(kind)

    return route


def test_declared_error_is_its_response_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    response = respond(operation(raise_error(FILE_NOT_FOUND), (FILE_NOT_FOUND,)), get_request(), {})
    assert (response.status_code, response.body["error"]) == (404, "not_found")
    assert caplog.records == []


def test_undeclared_error_is_its_response_and_is_logged(
    caplog: pytest.LogCaptureFixture, undeclared_errors: list[str]
) -> None:
    response = respond(operation(raise_error(FILE_NOT_FOUND)), get_request(), {})
    assert (response.status_code, response.body["error"]) == (404, "not_found")
    assert "doesn't declare" in caplog.text
    undeclared_errors.clear()


@pytest.mark.parametrize("error", [ServiceError(OBJECT_MISSING), ValueError("x"), KeyError("x")])
def test_any_other_exception_is_logged_and_an_internal_error(
    error: Exception, caplog: pytest.LogCaptureFixture, undeclared_errors: list[str]
) -> None:
    def route() -> NoContent:
        raise error

    response = respond(operation(route), get_request(), {})
    assert (response.status_code, response.body["error"]) == (500, INTERNAL_ERROR.code)
    assert caplog.records
    undeclared_errors.clear()


def test_errors_of_an_operation_are_its_own_and_those_of_its_request() -> None:
    def get_thing(file_id: FileId) -> NoContent:
        return NoContent()

    errors = operation(get_thing, (FILE_NOT_FOUND,), "/things/{file_id}").errors
    assert errors == {FILE_NOT_FOUND, MALFORMED_ID, INVALID_PARAMETER, *AUTHENTICATION_ERRORS, *COMMON_ERRORS}


def test_json_is_encoded_once() -> None:
    assert json.loads(Json.encode([1]).text) == [1]
