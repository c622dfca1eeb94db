"""Which request bodies are complete behind API Gateway; `chalice local` has an integration test."""

import base64
from typing import Any

import pytest
from chalice.app import Request, Response

from chalicelib.core.errors import ServiceError
from chalicelib.http.errors import MALFORMED_BODY
from chalicelib.http.request_body import read_complete_body
from chalicelib.http.response_middleware import close_unread_connections

BODY = b"complete."


def request(headers: dict[str, str], body: bytes = BODY, request_id: str | None = "c6af9ac6") -> Request:
    event: dict[str, Any] = {
        "multiValueQueryStringParameters": None,
        "headers": headers,
        "pathParameters": {},
        "requestContext": {"httpMethod": "POST", "resourcePath": "/", "requestId": request_id},
        "stageVariables": None,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    return Request(event)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-length": str(len(BODY))},
        {"transfer-encoding": "chunked"},
        {"transfer-encoding": "chunked", "content-length": str(len(BODY))},
        {"content-encoding": "gzip", "content-length": "100"},
        {"content-encoding": "Deflate", "content-length": "100"},
    ],
)
def test_a_body_from_api_gateway_is_complete(headers: dict[str, str]) -> None:
    assert read_complete_body(request(headers)) == BODY
    response = close_unread_connections(request(headers), lambda _: Response(""))
    assert "Connection" not in response.headers


def test_an_empty_chunked_body_from_api_gateway_is_complete() -> None:
    assert read_complete_body(request({"transfer-encoding": "chunked"}, b"")) == b""


@pytest.mark.parametrize("coding", ["br", "identity", "gzip, br", ""])
def test_a_truncated_body_is_rejected_if_api_gateway_does_not_decode_its_coding(coding: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read_complete_body(request({"content-encoding": coding, "content-length": "100"}))
    assert caught.value.kind is MALFORMED_BODY
    assert "9 of 100 bytes" in caught.value.message


@pytest.mark.parametrize("length", ["nine", "-9", "9.0", "٩", "9" * 19, "9" * 5000])
def test_a_length_that_is_no_number_is_rejected(length: str) -> None:
    with pytest.raises(ServiceError) as caught:
        read_complete_body(request({"content-length": length}))
    assert caught.value.kind is MALFORMED_BODY
