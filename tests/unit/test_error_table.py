"""The table of errors is complete, and the responses of API Gateway and of the emulator's gateway are in it."""

import json
import re
from http import HTTPStatus
from pathlib import Path

import botocore.session
import pytest

from chalicelib.core import errors as core_errors
from chalicelib.core.errors import ErrorKind, FileErrorKind, ServiceError
from chalicelib.http import errors as http_errors
from chalicelib.http.errors import HTTP_STATUSES, NOT_IMPLEMENTED, error_response
from emulator import gateway as emulator_gateway
from infra import gateway as api_gateway

ROOT = Path(__file__).parents[2]

CORE_KINDS = {kind for kind in vars(core_errors).values() if isinstance(kind, ErrorKind)}
HTTP_KINDS = {kind for kind in vars(http_errors).values() if isinstance(kind, ErrorKind)}
REQUEST_KINDS = {kind for kind in CORE_KINDS | HTTP_KINDS if not isinstance(kind, FileErrorKind)}
FILE_KINDS = CORE_KINDS - REQUEST_KINDS


def test_every_error_of_a_request_has_a_status_and_every_status_an_error() -> None:
    assert set(HTTP_STATUSES) == REQUEST_KINDS


def test_errors_of_files_have_no_http_status() -> None:
    assert FILE_KINDS
    assert FILE_KINDS & set(HTTP_STATUSES) == set()


def test_statuses_are_those_of_errors() -> None:
    assert [kind for kind, status in HTTP_STATUSES.items() if not 400 <= status < 600] == []


def test_a_code_has_one_status() -> None:
    assert len({(kind.code, status) for kind, status in HTTP_STATUSES.items()}) == len(
        {kind.code for kind in HTTP_STATUSES}
    )


def test_codes_of_files_are_unique() -> None:
    assert len({kind.code for kind in FILE_KINDS}) == len(FILE_KINDS)


@pytest.mark.parametrize("kind", sorted(CORE_KINDS | HTTP_KINDS, key=repr))
def test_messages_are_sentences(kind: ErrorKind) -> None:
    assert kind.message[0].isupper() or kind.message.startswith("{")
    assert kind.message.endswith(".")


def test_an_error_response_has_code_message_and_status() -> None:
    response = error_response(ServiceError(NOT_IMPLEMENTED))
    assert response.status_code == 501
    assert response.body == {"error": "not_implemented", "message": NOT_IMPLEMENTED.message}


EMULATED_KINDS = {
    400: http_errors.BAD_REQUEST,
    401: http_errors.UNAUTHORIZED,
    403: http_errors.FORBIDDEN,
    404: http_errors.ROUTE_NOT_FOUND,
    413: http_errors.REQUEST_TOO_LARGE,
    431: http_errors.HEADERS_TOO_LARGE,
    500: http_errors.INTERNAL_ERROR,
    501: http_errors.NOT_IMPLEMENTED,
    503: http_errors.UNAVAILABLE,
}

API_GATEWAY_KINDS = {
    "UNAUTHORIZED": http_errors.UNAUTHORIZED,
    "ACCESS_DENIED": http_errors.FORBIDDEN,
    "EXPIRED_TOKEN": http_errors.FORBIDDEN,
    "INVALID_API_KEY": http_errors.FORBIDDEN,
    "INVALID_SIGNATURE": http_errors.FORBIDDEN,
    "WAF_FILTERED": http_errors.FORBIDDEN,
    "MISSING_AUTHENTICATION_TOKEN": http_errors.ROUTE_NOT_FOUND,
    "RESOURCE_NOT_FOUND": http_errors.ROUTE_NOT_FOUND,
    "REQUEST_TOO_LARGE": http_errors.REQUEST_TOO_LARGE,
    "UNSUPPORTED_MEDIA_TYPE": http_errors.UNSUPPORTED_MEDIA_TYPE,
    "THROTTLED": http_errors.TOO_MANY_REQUESTS,
    "QUOTA_EXCEEDED": http_errors.TOO_MANY_REQUESTS,
    "INTEGRATION_FAILURE": http_errors.UNAVAILABLE,
    "INTEGRATION_TIMEOUT": http_errors.TIMEOUT,
    "DEFAULT_4XX": http_errors.BAD_REQUEST,
    "DEFAULT_5XX": http_errors.UNAVAILABLE,
}

WITH_ITS_OWN_MESSAGE = {"UNSUPPORTED_MEDIA_TYPE", "QUOTA_EXCEEDED", "DEFAULT_4XX"}
"""API Gateway's responses whose cause the table's message would not describe."""

DEFAULT_STATUSES = {
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
}
"""API Gateway's, for the types that are sent as DEFAULT_4XX and DEFAULT_5XX.
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


def test_the_emulators_gateway_responds_as_the_table_says() -> None:
    assert set(emulator_gateway.GATEWAY_RESPONSES) == set(EMULATED_KINDS)
    for status, kind in EMULATED_KINDS.items():
        sent_status, headers, body = emulator_gateway.gateway_response(status, "the-id")
        assert sent_status == status == HTTP_STATUSES[kind]
        assert json.loads(body) == {"error": kind.code, "message": kind.message, "requestId": "the-id"}
        assert headers[0] == ("Content-Type", "application/json")


def test_api_gateway_responds_as_the_table_says() -> None:
    """A status or a message that is None is API Gateway's own."""
    expected = {
        response_type: (
            None if response_type == "DEFAULT_4XX" else str(HTTP_STATUSES[kind]),
            kind.code,
            None if response_type in WITH_ITS_OWN_MESSAGE else kind.message,
        )
        for response_type, kind in API_GATEWAY_KINDS.items()
    }
    assert expected == api_gateway.RESPONSES


def test_every_response_type_of_api_gateway_is_in_the_table() -> None:
    """The types without a row are 400s, which keep their status, or 500s, which become a 503."""
    model = botocore.session.get_session().get_service_model("apigateway")
    types = model.shape_for("GatewayResponseType").metadata["enum"]
    assert set(types) == set(API_GATEWAY_KINDS) | set(DEFAULT_STATUSES)
    assert set(DEFAULT_STATUSES.values()) == {HTTP_STATUSES[API_GATEWAY_KINDS["DEFAULT_4XX"]], 500}


def test_gateways_have_the_same_code_for_the_same_status() -> None:
    emulated = {status: code for status, (code, _) in emulator_gateway.GATEWAY_RESPONSES.items()}
    for status, code, _ in api_gateway.RESPONSES.values():
        if status is not None:
            assert emulated.get(int(status), code) == code


def test_error_responses_of_api_gateway_and_of_the_emulator_have_the_same_fields() -> None:
    _, _, body = emulator_gateway.gateway_response(HTTPStatus.NOT_FOUND, "the-id")
    template = api_gateway._template("not_found", None).replace("$context.error.messageString", '"its own"')
    assert set(json.loads(template)) == set(json.loads(body)) == {"error", "message", "requestId"}


def test_every_error_of_http_is_raised_or_is_a_response_of_a_gateway() -> None:
    """An error that nothing raises would be documented for nothing."""
    names = {name for name, kind in vars(http_errors).items() if isinstance(kind, ErrorKind)}
    sources = [path.read_text() for path in (ROOT / "chalicelib").rglob("*.py") if path.stem != "errors"]
    raised = {name for name in names if any(re.search(rf"\b{name}\b", source) for source in sources)}
    unraised = {getattr(http_errors, name) for name in names - raised}
    messages = {message for _, message in emulator_gateway.GATEWAY_RESPONSES.values()}
    messages |= {message for _, _, message in api_gateway.RESPONSES.values() if message}
    assert {kind.message for kind in unraised} - messages == set()
