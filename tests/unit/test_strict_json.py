"""JSON that every parser reads alike."""

import pytest

from chalicelib.core.accounts.strict_json import parse_object


def test_an_object_is_read() -> None:
    assert parse_object(b'{"a": [1, {"b": null}], "c": "\\u00e9"}') == {"a": [1, {"b": None}], "c": "é"}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{} {}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' + b"[" * 50_000,
        b'{"a": "\xff"}',
        "{}".encode("utf-16"),
        b"\xef\xbb\xbf{}",
    ],
)
def test_anything_else_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the messages are Python's
        parse_object(document)
