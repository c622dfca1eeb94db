"""Arguments of handlers: valid values are typed, invalid ones are rejected with the parameter's name."""

import json
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from chalice.app import CaseInsensitiveMapping, Request
from msgspec import Meta

from app import app
from chalicelib.core.accounts.authenticate import build_caller
from chalicelib.core.accounts.model import CredentialKind, Scope
from chalicelib.core.errors import ErrorKind, ServiceError
from chalicelib.core.files.file_list import MAX_LIMIT, Order
from chalicelib.core.files.statuses import Status
from chalicelib.http.arguments import read_arguments
from chalicelib.http.authentication import bind_caller
from chalicelib.http.declarations import Dependency, Header, JsonBody, Query, RawBody, ReceivedBody
from chalicelib.http.errors import (
    INVALID_FIELD,
    INVALID_PARAMETER,
    MALFORMED_BODY,
    MALFORMED_ID,
    UNAUTHORIZED,
    UNSUPPORTED_MEDIA_TYPE,
)
from chalicelib.http.operation import Operation
from chalicelib.http.parameter_types import FORMAT, FileId
from chalicelib.http.responses import NoContent
from chalicelib.http.router import operations
from tests.unit.http_requests import get_request

FILE_ID = UUID("01930000-0000-7000-8000-000000000000")
LIST = next(operation for operation in operations(app) if operation.operation_id == "list_files")
CHANGES = next(operation for operation in operations(app) if operation.operation_id == "list_changes")
UNSTORABLE = "must not contain a NUL character or half of a surrogate pair"


class Color(StrEnum):
    RED = "red"
    GREEN = "green"


class Patch(msgspec.Struct, forbid_unknown_fields=True):
    name: str


@pytest.fixture(autouse=True)
def _caller() -> Iterator[None]:
    """Somebody makes the requests: the middleware is not part of these tests."""
    with bind_caller(build_caller("alice", frozenset({Scope.WRITE}), CredentialKind.API_TOKEN)):
        yield


def handle(
    number: Annotated[int | None, Meta(ge=1, le=10)] = None,
    flag: bool | None = None,
    color: Annotated[Color, Query("colour", other_names=("hue",))] = Color.RED,
    text: Annotated[str, Meta(max_length=5)] = "",
    lower: Annotated[str | None, Meta(pattern="^[a-z]+$"), Query(requirement="must be lower case")] = None,
    version: Annotated[Literal["1"] | None, Header("X-Version")] = None,
) -> NoContent:
    return NoContent()


def operation(handler: Any = handle, path: str = "/things", **options: Any) -> Operation:
    declared = {"route_errors": (), "ignored": (), "tag": "Things"} | options
    return Operation("GET", path, handler, **declared)


def read(request: Request, of: Operation | None = None, **path: str) -> dict[str, Any]:
    return read_arguments(of or operation(), request, path)


def rejection(request: Request, of: Operation | None = None, **path: str) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        read(request, of, **path)
    assert caught.value.kind in (of or operation()).errors
    return caught.value


def assert_rejected(error: ServiceError, kind: ErrorKind, message: str) -> None:
    assert error.kind is kind
    assert error.message == message


def test_missing_parameters_are_left_to_the_handlers_defaults() -> None:
    assert read(get_request()) == {}


@pytest.mark.parametrize("number", ["1", "10", "01"])
def test_integer_within_the_range_is_accepted(number: str) -> None:
    assert read(get_request(number=number)) == {"number": int(number)}


@pytest.mark.parametrize("text", ["0", "11", "-1", "+1", "1.0", "1e1", " 1", "", "x", "0x1", "１", "1" * 5000])
def test_other_text_is_rejected_as_an_integer(text: str) -> None:
    error = rejection(get_request(number=text))
    assert_rejected(error, INVALID_PARAMETER, "The parameter `number` must be an integer from 1 to 10.")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_boolean_is_true_or_false(text: str, value: bool) -> None:
    assert read(get_request(flag=text)) == {"flag": value}


@pytest.mark.parametrize("text", ["", "True", "1", "yes"])
def test_other_text_is_rejected_as_a_boolean(text: str) -> None:
    assert_rejected(
        rejection(get_request(flag=text)), INVALID_PARAMETER, "The parameter `flag` must be true or false."
    )


def test_choice_is_typed_and_has_the_name_of_the_request() -> None:
    [color] = read(get_request(colour="green")).values()
    assert color is Color.GREEN
    message = "The parameter `colour` must be one of red, green."
    assert_rejected(rejection(get_request(colour="blue")), INVALID_PARAMETER, message)


def test_text_has_a_length_and_a_pattern() -> None:
    assert read(get_request(text="12345", lower="a")) == {"text": "12345", "lower": "a"}
    assert rejection(get_request(text="123456")).message.endswith("must not be longer than 5 characters.")
    assert rejection(get_request(lower="A")).message == "The parameter `lower` must be lower case."


def test_header_is_read_whatever_its_case() -> None:
    request = get_request()
    request.headers = CaseInsensitiveMapping({"x-version": "1"})
    assert read(request) == {"version": "1"}
    request.headers = CaseInsensitiveMapping({"X-VERSION": "2"})
    assert rejection(request).message == "The parameter `X-Version` must be 1."


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "x"),
        (Annotated[int, Meta(ge=1)], "0"),
        (Annotated[str, Meta(min_length=2, max_length=3)], "a"),
        (Annotated[str, Meta(pattern="^a$")], "b"),
        (UUID, "x"),
        (datetime, "x"),
    ],
)
def test_whatever_the_limits_are_a_message_says_what_is_invalid(annotation: Any, text: str) -> None:
    def search(q: Any) -> NoContent:
        return NoContent()

    search.__annotations__["q"] = annotation
    message = rejection(get_request(q=text), operation(search)).message
    assert message.startswith("The parameter `q` is invalid: ")
    assert text not in message.split()


def test_a_type_with_a_marker_can_be_optional_as_a_whole() -> None:
    def search(number: Annotated[int, Meta(le=10), Query("n")] | None = None) -> NoContent:
        return NoContent()

    assert read(get_request(n="10"), operation(search)) == {"number": 10}
    assert rejection(get_request(n="11"), operation(search)).message.startswith("The parameter `n` is invalid")


def test_a_body_can_be_one_of_several_types() -> None:
    class Left(msgspec.Struct, tag="left"):
        number: int

    class Right(msgspec.Struct, tag="right"):
        text: str

    def post(body: Any) -> NoContent:
        return NoContent()

    post.__annotations__["body"] = Annotated[Left | Right, JsonBody()]
    request = body_request(b'{"type": "right", "text": "a"}', "application/json")
    assert read(request, operation(post)) == {"body": Right("a")}


def test_errors_of_computing_an_argument_are_the_operations() -> None:
    def refuse(_request: Request) -> str:
        raise ServiceError(UNAUTHORIZED)

    def get_thing(caller: Annotated[str, Dependency(refuse, errors=(UNAUTHORIZED,))]) -> NoContent:
        return NoContent()

    assert rejection(get_request(), operation(get_thing)).kind is UNAUTHORIZED
    assert rejection(get_request(unknown="1"), operation(get_thing)).kind is UNAUTHORIZED


def test_required_parameter_must_be_there() -> None:
    def search(q: str) -> NoContent:
        return NoContent()

    assert read(get_request(q="x"), operation(search)) == {"q": "x"}
    assert rejection(get_request(), operation(search)).message == "The parameter `q` is missing."


@pytest.mark.parametrize(
    ("name", "closest"), [("numbr", "number"), ("hue", "colour"), ("Flag", "flag"), ("TEXT", "text")]
)
def test_unknown_parameter_is_rejected_with_the_closest_one(name: str, closest: str) -> None:
    message = f"The parameter `{name}` is unknown; the closest one is `{closest}`."
    assert_rejected(rejection(get_request(**{name: "1"})), INVALID_PARAMETER, message)


@pytest.mark.parametrize(
    ("name", "closest"),
    [
        ("search", "q"),
        ("serach", "q"),
        ("tpye", "type"),
        ("ext", "type"),
        ("page", "cursor"),
        ("offset", "cursor"),
        ("page_size", "limit"),
        ("ordering", "order"),
    ],
)
def test_names_of_other_apis_lead_to_the_parameter_of_a_list(name: str, closest: str) -> None:
    assert rejection(get_request(**{name: "1"}), LIST).message.endswith(f"the closest one is `{closest}`.")


def test_parameter_that_resembles_none_is_rejected_with_all() -> None:
    message = rejection(get_request(zzz="1")).message
    assert message == "The parameter `zzz` is unknown; this URL has `number`, `flag`, `colour`, `text`, `lower`."
    message = rejection(get_request(x="1"), operation(lambda: NoContent())).message
    assert message == "The parameter `x` is unknown; this URL has no parameters."


@pytest.mark.parametrize("name", ["until", "owner", "to", "access_token", "utm_source", "_", "id", "user", ""])
def test_another_word_is_not_taken_for_a_misspelled_name(name: str) -> None:
    assert rejection(get_request(**{name: "1"}), LIST).message.endswith(
        "`order`, `cursor`, `metadata.KEY`, `format`."
    )


@pytest.mark.parametrize("name", ["metadata", "meta", "Metadata.order", "metadata[order]", "metadata_key", "tags"])
def test_a_name_that_lacks_the_prefix_of_a_map_leads_to_it(name: str) -> None:
    assert rejection(get_request(**{name: "1"}), LIST).message.endswith("the closest one is `metadata.KEY`.")


def test_parameters_with_the_prefix_of_a_map_are_its_entries() -> None:
    assert read(get_request(**{"metadata.order": "7", "metadata.a.b": "", "limit": "3"}), LIST)["metadata"] == {
        "order": "7",
        "a.b": "",
    }
    assert read(get_request(), LIST)["metadata"] == {}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("metadata.", "7", "the key `` must have 1 to 64 characters"),
        ("metadata.my order", "7", "the key `my order` must have"),
        ("metadata.order", "7" * 501, "the value of `order` is longer than 500 characters"),
        ("metadata.order", "\0", "the value of `order` contains a NUL character or half of a surrogate pair"),
        ("metadata.order", "\ud800", "the value of `order` contains a NUL character or half of a surrogate pair"),
    ],
)
def test_an_invalid_entry_of_a_map_is_rejected(name: str, value: str, reason: str) -> None:
    message = rejection(get_request(**{name: value}), LIST).message
    assert message.startswith(f"The parameter `metadata` is invalid: {reason}")


def test_an_entry_of_a_map_may_be_given_once() -> None:
    request = get_request(**{"metadata.order": ["7", "8"]})
    assert rejection(request, LIST).message == "The parameter `metadata.order` must be given only once."


@pytest.mark.parametrize("name", ["page_size", "pageSize", "page-size", "PAGESIZE", "limits", "lmit", "limit[]"])
def test_names_are_compared_in_every_style(name: str) -> None:
    assert rejection(get_request(**{name: "1"}), LIST).message.endswith("the closest one is `limit`.")


@pytest.mark.parametrize("of", operations(app), ids=lambda each: each.operation_id)
def test_no_name_of_other_apis_leads_to_two_parameters(of: Operation) -> None:
    names = [each.name for each in of.parameters if each.location == "query"]
    names += [other for each in of.parameters for other in getattr(each.marker, "other_names", ())]
    assert len(names) == len(set(names))


def test_long_text_is_quoted_in_part() -> None:
    assert len(rejection(get_request(**{"n" * 5000: "1"})).message) < 1000
    body = json.dumps({"n" * 1_000_000: 1}).encode()
    assert len(rejection(body_request(body, "application/json"), operation(patch_thing)).message) < 1000


@pytest.mark.parametrize("values", [["1", "2"], ["1", "1"]])
def test_repeated_parameter_is_rejected(values: list[str]) -> None:
    error = rejection(get_request(number=values))
    assert_rejected(error, INVALID_PARAMETER, "The parameter `number` must be given only once.")


def test_ignored_parameter_is_validated_and_not_passed_on() -> None:
    of = operation(ignored=(FORMAT,))
    assert read(get_request(format="json"), of) == {}
    assert rejection(get_request(format="xml"), of).message == "The parameter `format` must be json."


def test_limits_of_limit_and_since() -> None:
    read_values = read(get_request(limit=str(MAX_LIMIT), since=str(2**63 - 1)), CHANGES)
    assert (read_values["limit"], read_values["since"]) == (MAX_LIMIT, 2**63 - 1)
    for name, number in (("limit", MAX_LIMIT + 1), ("since", 2**63)):
        error = rejection(get_request(**{name: str(number)}), CHANGES)
        assert error.message.startswith(f"The parameter `{name}` must be an integer from")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("status", "done", f"must be one of {', '.join(Status)}"),
        ("status", "", f"must be one of {', '.join(Status)}"),
        ("order", "newest", f"must be one of {', '.join(Order)}"),
        ("mismatch", "maybe", "must be true or false"),
        ("q", "a\0", UNSTORABLE),
        ("q", "a" * 256, "must not be longer than 255 characters"),
        ("type", "a" * 256, "must not be longer than 255 characters"),
        ("type", "\udfff", UNSTORABLE),
        ("cursor", "x" * 2049, "must be copied unchanged from the previous page's Link header"),
    ],
)
def test_invalid_parameter_of_a_list_is_explained(name: str, value: str, reason: str) -> None:
    error = rejection(get_request(**{name: value}), LIST)
    assert_rejected(error, INVALID_PARAMETER, f"The parameter `{name}` {reason}.")


def get_thing(file_id: FileId) -> NoContent:
    return NoContent()


@pytest.mark.parametrize("raw", [str(FILE_ID), str(FILE_ID).upper()])
def test_file_id_is_a_uuid_in_any_case(raw: str) -> None:
    assert read(get_request(), operation(get_thing, "/things/{file_id}"), file_id=raw) == {"file_id": FILE_ID}


@pytest.mark.parametrize(
    "raw", ["", "1", FILE_ID.hex, f"{{{FILE_ID}}}", f"urn:uuid:{FILE_ID}", f"{FILE_ID}0", f"{FILE_ID}\0"]
)
def test_other_text_is_rejected_as_a_file_id(raw: str) -> None:
    assert rejection(get_request(), operation(get_thing, "/things/{file_id}"), file_id=raw).kind is MALFORMED_ID


def patch_thing(patch: Annotated[Patch, JsonBody()]) -> NoContent:
    return NoContent()


def body_request(body: bytes, content_type: str | None) -> Request:
    request = get_request()
    request._body = body
    request.headers = CaseInsensitiveMapping({"Content-Type": content_type} if content_type else {})
    return request


@pytest.mark.parametrize("content_type", ["application/json", 'Application/JSON; charset="utf-8"'])
def test_json_body_is_typed(content_type: str | None) -> None:
    request = body_request(b'{"name": "a.txt"}', content_type)
    assert read(request, operation(patch_thing)) == {"patch": Patch("a.txt")}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", MALFORMED_BODY),
        (b'{"name": "a.txt"', MALFORMED_BODY),
        (b'{"name": "\xff"}', MALFORMED_BODY),
        (b"{}", INVALID_FIELD),
        (b'{"name": 1}', INVALID_FIELD),
        (b'{"x": ' + b"[" * 100_000, INVALID_FIELD),
        (b'{"name": ' + b"[" * 100_000, INVALID_FIELD),
        (b'{"name": ' + b"9" * 100_000 + b"}", INVALID_FIELD),
    ],
)
def test_json_of_another_form_is_rejected(body: bytes, kind: ErrorKind) -> None:
    assert rejection(body_request(body, "application/json"), operation(patch_thing)).kind is kind


def test_empty_body_is_said_to_be_empty() -> None:
    message = rejection(body_request(b"", "application/json"), operation(patch_thing)).message
    assert message == "The request body is malformed: it is empty; send JSON."


def put_thing(body: Annotated[ReceivedBody, RawBody({"a/b": bytes, "c/d": bytes}, "a/b or c/d")]) -> NoContent:
    return NoContent()


def test_raw_body_is_passed_on_with_its_content_type() -> None:
    request = body_request(b"x", "a/b; c=d")
    assert read(request, operation(put_thing)) == {"body": ReceivedBody(b"x", "a/b; c=d")}


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/merge-patch+json"])
def test_json_body_must_be_called_json(content_type: str | None) -> None:
    error = rejection(body_request(b'{"name": "a.txt"}', content_type), operation(patch_thing))
    message = f"This URL does not support the content type {content_type or '(none)'}. Send application/json."
    assert_rejected(error, UNSUPPORTED_MEDIA_TYPE, message)


@pytest.mark.parametrize("content_type", ["a/bb", "text/plain", "a"])
def test_body_of_another_type_is_rejected(content_type: str) -> None:
    error = rejection(body_request(b"x", content_type), operation(put_thing))
    message = f"This URL does not support the content type {content_type}. Send a/b or c/d."
    assert_rejected(error, UNSUPPORTED_MEDIA_TYPE, message)
    assert rejection(body_request(b"x", content_type), operation(patch_thing)).kind is UNSUPPORTED_MEDIA_TYPE


def test_raw_body_without_a_type_is_rejected() -> None:
    assert "content type (none)" in rejection(body_request(b"x", None), operation(put_thing)).message
