"""Whatever a request or an event holds: no 5xx, no exception, and nothing of it in the log.

The events are built as API Gateway sends them, and given to the app directly.
"""

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import app
from tests.integration.conftest import Context, Service
from tests.json_log import json_log, lines

MARK = "s3cr3t"
"""In all that a request holds."""

UNKNOWN_ID = "01930000-0000-7000-8000-000000000000"


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode(errors="replace")).decode().rstrip("=")


TEXTS = (
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "1",
            "1000",
            "1001",
            "٣",
            "9" * 30,
            "9" * 5000,
            "1e999",
            "true",
            "null",
            "*",
            "%",
            "%00",
            "\0",
            "\ud800",
            "\U0010ffff",
            "\r\nX-Injected: 1",
            "../../etc/passwd",
            "' OR 1=1 --",
            '"' * 500,
            "(" * 2000,
            "a" * 9000,
            'W/"1"',
            f'W/"{"9" * 20}"',
            "name",
            "-size",
            "uploaded_at",
            "processed",
            "image/*",
            _cursor('{"x":' + "[" * 1100),
            _cursor('{"order":"name","key":"a","id":"x"}'),
            _cursor(f'{{"order":"-uploaded_at","key":"2026-11-27T00:00:00+00:00","id":"{UNKNOWN_ID}"}}'),
            _cursor(f'{{"order":"-uploaded_at","key":"0001-01-01T00:00:00+00:00","id":"{UNKNOWN_ID}"}}'),
            _cursor(f'{{"order":"size","key":{2**63},"id":"{UNKNOWN_ID}"}}'),
        ]
    )
    | st.text(max_size=40)
    | st.builds(_cursor, st.text(max_size=60))
)
MARKED = TEXTS | TEXTS.map(lambda text: MARK + text)

QUERIES = st.dictionaries(
    st.sampled_from(
        ["limit", "cursor", "status", "type", "q", "mismatch", "order", "since", "name", "x", "\ud800"]
    ),
    MARKED,
    max_size=4,
)

EXISTING = "the existing file's"

IDS = st.integers(0, 4).flatmap(
    lambda n: MARKED if n == 0 else st.sampled_from([EXISTING, EXISTING, UNKNOWN_ID, UNKNOWN_ID.upper()])
)

FORM = "multipart/form-data; boundary=b"
CONTENT_TYPES = st.sampled_from(
    [
        FORM,
        FORM,
        FORM.upper(),
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'b' * 300}",
        "multipart/form-data; boundary=\u2603",
        "multipart/form-data; boundary*0=b; boundary*1=c",
        "application/octet-stream",
        "application/json",
    ]
)
OTHER_HEADERS = st.sampled_from(
    [
        "accept",
        "authorization",
        "content-disposition",
        "content-encoding",
        "content-length",
        "cookie",
        "if-none-match",
        "transfer-encoding",
        "x-forwarded-for",
    ]
)


def _form(disposition: bytes, header: bytes, content: bytes, end: bytes) -> bytes:
    return (
        b"--b\r\nContent-Disposition: " + disposition + b"\r\n" + header + b"\r\n\r\n" + content + b"\r\n--b" + end
    )


DISPOSITIONS = st.sampled_from(
    [
        *[b'form-data; name="file"; filename="s3cr3t.txt"'] * 4,
        b"",
        b'form-data; name="file"',
        b'form-data; name="file"; filename="s3cr3t\0"',
        b"form-data; name=file; filename*=UTF-8''s3cr3t",
        b'form-data; name="file"; filename="\xff"',
        b'form-data; name="' + b"(" * 3000,
    ]
)
PART_HEADERS = st.sampled_from(
    [
        b"Content-Type: s3cr3t",
        b"Content-Type: \xff",
        b"Content-Transfer-Encoding: s3cr3t",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"s3cr3t",
        b": ",
        b"X" * 9000 + b": x",
        b"\r\n",
    ]
)
CONTENTS = st.sampled_from([b"s3cr3t", b"s3cr3t=", b"\r\n--b\r\n", b"\r\n--b \t\r\n"]) | st.binary(max_size=30)
ENDS = st.sampled_from([b"--", b"--\r\n", b"-- \r\ns3cr3t", b"", b"--s3cr3t"])
FORMS = st.builds(_form, DISPOSITIONS, PART_HEADERS | st.binary(max_size=10), CONTENTS, ENDS)

BODIES = (
    st.sampled_from(
        [
            b"",
            b"s3cr3t",
            b'{"name": "s3cr3t"}',
            b'{"name": "s3cr3t", "x": 1}',
            b'{"name": "\\ud800"}',
            b'{"name": ' + b"[" * 10_000,
            b'{"s3cr3t": ' + b"{" * 10_000,
            b'{"name": 1e999999}',
            b"\xef\xbb\xbf{}",
        ]
    )
    | FORMS
    | st.binary(max_size=60)
)

ROUTES = [(method, route.uri_pattern) for methods in app.app.routes.values() for method, route in methods.items()]

HOSTS = st.integers(0, 9).flatmap(lambda n: MARKED if n == 0 else st.just("127.0.0.1:8000"))


def _request(route: tuple[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy of requests to the route, most of which aren't refused because of their content type."""
    is_upload = route == ("POST", "/api/upload")
    usual = CONTENT_TYPES if is_upload else st.just("application/json")
    return st.fixed_dictionaries(
        {
            "route": st.just(route),
            "file_id": IDS,
            "query": QUERIES | st.none(),
            "content_type": st.integers(0, 9).flatmap(lambda n: MARKED if n == 0 else usual),
            "host": HOSTS,
            "headers": st.dictionaries(OTHER_HEADERS, MARKED, max_size=2),
            "body": FORMS | BODIES if is_upload else st.none() | BODIES,
        }
    )


REQUESTS = st.sampled_from(ROUTES).flatmap(_request)


def api_gateway_event(existing: str, **request: Any) -> dict[str, Any]:
    """Return the event of a request, to the existing file if that is its id."""
    method, resource = request["route"]
    file_id = existing if request["file_id"] == EXISTING else request["file_id"]
    query, body = request["query"], request["body"]
    return {
        "multiValueQueryStringParameters": None if query is None else {name: [v] for name, v in query.items()},
        "headers": {"content-type": request["content_type"], "host": request["host"], **request["headers"]},
        "pathParameters": dict.fromkeys(re.findall(r"\{(\w+)\}", resource), file_id),
        "requestContext": {"httpMethod": method, "resourcePath": resource, "requestId": "the-id"},
        "stageVariables": None,
        "body": None if body is None else base64.b64encode(body).decode(),
        "isBase64Encoded": body is not None,
    }


def known(method: str, resource: str, **values: Any) -> dict[str, Any]:
    """Return a request that once failed, with its other parts as usual."""
    usual = {
        "content_type": "application/json",
        "host": "127.0.0.1:8000",
        "headers": {},
        "query": {},
        "body": b"x",
    }
    return {"route": (method, resource), "file_id": EXISTING, **usual, **values}


@pytest.fixture
def log(service: Service) -> Iterator[io.StringIO]:  # noqa: ARG001  # it logs, too
    with json_log() as stream:
        yield stream


@pytest.fixture
def file(service: Service) -> dict[str, Any]:
    return service.upload("a.txt")


def examples(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


RAW = "application/octet-stream"


@pytest.mark.parametrize(
    "request_parts",
    [
        known("GET", "/api/files", query={"cursor": _cursor('{"x":' + "[" * 1100)}),
        known("GET", "/api/files", query={"q": "\ud800"}),
        known("GET", "/api/changes", query={"x": "\ud800", "limit": "1"}),
        known("PATCH", "/api/files/{file_id}", body=b'{"x": ' + b"[" * 100_000),
        known(
            "POST", "/api/upload", content_type=RAW, query={"name": "a"}, headers={"content-length": "9" * 5000}
        ),
        known("POST", "/api/upload", content_type="multipart/form-data; boundary=\u2603"),
        known("POST", "/api/upload", content_type="\ud800"),
    ],
)
def test_requests_that_once_returned_500(file: dict[str, Any], request_parts: dict[str, Any]) -> None:
    """Not with Hypothesis, which raises Python's limit of recursion."""
    response = app.app(api_gateway_event(file["id"], **request_parts), Context())
    assert 200 <= response["statusCode"] < 500, response["body"]


@examples(500)
@given(request=REQUESTS)
def test_no_request_fails_or_is_logged(file: dict[str, Any], log: io.StringIO, request: dict[str, Any]) -> None:
    log.seek(0)
    log.truncate()
    response = app.app(api_gateway_event(file["id"], **request), Context())
    assert 200 <= response["statusCode"] < 500, response["body"]
    if request["route"][0] == "HEAD":
        assert response["body"] == ""
    elif response["statusCode"] >= 400:
        error = json.loads(response["body"])
        assert set(error) == {"error", "message", "requestId"}
    assert [line["level"] for line in lines(log)] == ["INFO"]
    assert MARK not in log.getvalue()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | MARKED,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=6,
)


def _some(**values: Any) -> st.SearchStrategy[Any]:
    """Return a strategy of mappings, in which each of these values may be missing, or be anything."""
    return st.fixed_dictionaries({}, optional={name: value | JSON_VALUES for name, value in values.items()})


RECORDS = _some(
    eventName=st.sampled_from(["ObjectCreated:Put", "s3:ObjectCreated:Copy", "ObjectRemoved:Delete"]),
    s3=_some(
        object=_some(
            key=MARKED.map(lambda key: f"uploads/{key}"),
            size=st.integers(-1, 2**70),
            eTag=MARKED,
            sequencer=st.sampled_from(["0055AED6DCD90281E5", "", "x", "0" * 100]),
        )
    ),
)
EVENTS = _some(Records=st.lists(RECORDS | JSON_VALUES, max_size=3)) | JSON_VALUES
MESSAGES = (
    MARKED
    | EVENTS.map(json.dumps)
    | _some(requestPayload=EVENTS, requestContext=_some(condition=MARKED), responsePayload=JSON_VALUES).map(
        json.dumps
    )
)


@examples(200)
@given(event=EVENTS)
def test_no_event_of_s3_fails_or_is_logged(service: Service, log: io.StringIO, event: Any) -> None:
    """The events are of objects that aren't there. An event of real ones is in test_events.py."""
    del service
    app.process_upload(event, Context())
    assert MARK not in log.getvalue()


@examples(200)
@given(event=_some(Records=st.lists(_some(body=MESSAGES) | JSON_VALUES, max_size=3)) | JSON_VALUES)
def test_no_message_of_the_dead_letter_queue_fails_or_is_logged(log: io.StringIO, event: Any) -> None:
    app.handle_dead_letters(event, Context())
    assert MARK not in log.getvalue()


@examples(50)
@given(event=JSON_VALUES | _some(after=JSON_VALUES))
def test_functions_of_administrators_refuse_what_they_cannot_read(log: io.StringIO, event: Any) -> None:
    try:
        app.mark_files_for_reprocessing(event, Context())
    except ValueError as error:
        assert str(error) == "`after` must be the id that the last call returned"  # noqa: PT017  # it may not raise
    assert MARK not in log.getvalue()
