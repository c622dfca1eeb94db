"""Query parameters and file ids: valid values are typed, invalid ones are rejected with the parameter's name."""

from uuid import UUID

import pytest

from chalicelib.core.errors import ErrorKind, ServiceError
from chalicelib.core.files.file_list import DEFAULT_LIMIT, MAX_LIMIT, ListQuery, Order, Position
from chalicelib.core.files.statuses import Status
from chalicelib.http.errors import INVALID_FIELD, INVALID_PARAMETER, MALFORMED_BODY, MALFORMED_ID
from chalicelib.http.pagination import encode_cursor
from chalicelib.http.params import (
    bool_param,
    int_param,
    parse_file_id,
    parse_file_patch,
    parse_limit,
    parse_list_query,
    parse_since_seq,
    query_params,
)
from tests.unit.http_requests import get_request

FILE_ID = UUID("01930000-0000-7000-8000-000000000000")


def test_request_without_a_query_string_has_no_parameters() -> None:
    assert query_params(get_request()) == {}


def test_missing_integer_is_the_default() -> None:
    assert int_param(get_request(), "n", 1, 10, default=5) == 5
    assert int_param(get_request(), "n", 1, 10) is None


@pytest.mark.parametrize("number", ["1", "10", "01"])
def test_integer_within_the_range_is_accepted(number: str) -> None:
    assert int_param(get_request(n=number), "n", 1, 10) == int(number)


@pytest.mark.parametrize("text", ["0", "11", "-1", "+1", "1.0", "1e1", " 1", "", "x", "0x1", "１", "1" * 5000])
def test_other_text_is_rejected_as_an_integer(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        int_param(get_request(n=text), "n", 1, 10, default=5)
    assert_rejected(caught.value, INVALID_PARAMETER, "The parameter `n` must be an integer from 1 to 10.")


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False)])
def test_boolean_is_true_or_false(text: str, value: bool) -> None:
    assert bool_param(get_request(b=text), "b") is value


def test_missing_boolean_is_none() -> None:
    assert bool_param(get_request(), "b") is None


@pytest.mark.parametrize("text", ["", "True", "1", "yes"])
def test_other_text_is_rejected_as_a_boolean(text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        bool_param(get_request(b=text), "b")
    assert_rejected(caught.value, INVALID_PARAMETER, "The parameter `b` must be true or false.")


def test_defaults_of_limit_and_since() -> None:
    assert parse_limit(get_request()) == DEFAULT_LIMIT
    assert parse_since_seq(get_request()) == 0


def test_limits_of_limit_and_since() -> None:
    assert parse_limit(get_request(limit=str(MAX_LIMIT))) == MAX_LIMIT
    assert parse_since_seq(get_request(since=str(2**63 - 1))) == 2**63 - 1
    for parse, name, number in ((parse_limit, "limit", MAX_LIMIT + 1), (parse_since_seq, "since", 2**63)):
        with pytest.raises(ServiceError, match=f"The parameter `{name}` must be an integer from"):
            parse(get_request(**{name: str(number)}))


def test_list_query_without_parameters_is_the_default() -> None:
    assert parse_list_query(get_request()) == ListQuery()


def test_list_query_has_all_parameters() -> None:
    after = Position(Order.NAME, "a.txt", FILE_ID)
    query = parse_list_query(
        get_request(
            limit="7",
            status="failed",
            type="image/*",
            mismatch="true",
            q="a%",
            order="name",
            cursor=encode_cursor(after),
        )
    )
    assert query == ListQuery(
        limit=7,
        status=Status.FAILED,
        type="image/*",
        mismatch=True,
        name_contains="a%",
        order=Order.NAME,
        after=after,
    )


def test_empty_type_and_name_filter_nothing() -> None:
    assert parse_list_query(get_request(type="", q="")) == ListQuery()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("status", "done", f"must be one of {', '.join(Status)}"),
        ("status", "", f"must be one of {', '.join(Status)}"),
        ("order", "newest", f"must be one of {', '.join(Order)}"),
        ("mismatch", "maybe", "must be true or false"),
        ("q", "a\0", "must not contain a NUL character or half of a surrogate pair"),
        ("q", "a" * 256, "must not be longer than 255 characters"),
        ("type", "a" * 256, "must not be longer than 255 characters"),
        ("unknown", "\0", "must not contain a NUL character or half of a surrogate pair"),
        ("type", "\udfff", "must not contain a NUL character or half of a surrogate pair"),
        ("cursor", "x", "must be copied unchanged from the previous page's Link header"),
    ],
)
def test_invalid_parameter_of_a_list_is_explained(name: str, value: str, reason: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_list_query(get_request(**{name: value}))
    assert_rejected(caught.value, INVALID_PARAMETER, f"The parameter `{name}` {reason}.")


@pytest.mark.parametrize("raw", [str(FILE_ID), str(FILE_ID).upper()])
def test_file_id_is_a_uuid_in_any_case(raw: str) -> None:
    assert parse_file_id(raw) == FILE_ID


@pytest.mark.parametrize(
    "raw", ["", "1", FILE_ID.hex, f"{{{FILE_ID}}}", f"urn:uuid:{FILE_ID}", f"{FILE_ID}0", f"{FILE_ID}\0"]
)
def test_other_text_is_rejected_as_a_file_id(raw: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_file_id(raw)
    assert caught.value.kind is MALFORMED_ID


def assert_rejected(error: ServiceError, kind: ErrorKind, message: str) -> None:
    assert error.kind is kind
    assert error.message == message


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"name": "a.txt"', MALFORMED_BODY),
        (b'{"name": "\xff"}', MALFORMED_BODY),
        (b'{"x": ' + b"[" * 100_000, INVALID_FIELD),
        (b'{"name": ' + b"[" * 100_000, INVALID_FIELD),
        (b'{"name": ' + b"9" * 100_000 + b"}", INVALID_FIELD),
    ],
)
def test_json_that_is_no_patch_is_rejected(body: bytes, kind: ErrorKind) -> None:
    request = get_request()
    request._body = body
    with pytest.raises(ServiceError) as caught:
        parse_file_patch(request)
    assert caught.value.kind is kind
