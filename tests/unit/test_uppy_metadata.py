"""What is metadata of what Uppy sends as such."""

from typing import Any

import pytest

from chalicelib.core.errors import INVALID_METADATA, ServiceError
from chalicelib.http.companion.uppy_metadata import read_metadata


def test_fields_of_uppy_s_own_are_no_metadata() -> None:
    """As both versions of Uppy 6 and Uppy 5 send them, in a query and in JSON."""
    assert read_metadata({"name": "a.txt", "type": "text/plain", "relativePath": None}) == {}
    assert read_metadata({"name": "a.txt", "type": "", "relativePath": "null", "note": "undefined"}) == {}
    assert read_metadata(None) == {}


def test_path_in_a_folder_is_kept_unless_it_is_too_long() -> None:
    assert read_metadata({"relativePath": "a/b.txt"}) == {"relativePath": "a/b.txt"}
    assert read_metadata({"relativePath": "a/" * 300, "order": "7"}) == {"order": "7"}


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (7, "7"), (7.0, "7"), (0.5, "0.5"), (True, "true"), (False, "false")]
)
def test_values_are_the_text_that_javascript_makes_of_them(value: Any, text: str) -> None:
    assert read_metadata({"key": value}) == {"key": text}


@pytest.mark.parametrize("sent", [{"key": {"a": 1}}, {"key": [1]}, {"a key": "x"}, {"key": "x" * 501}])
def test_what_the_page_has_set_must_be_valid(sent: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as raised:
        read_metadata(sent)
    assert raised.value.kind is INVALID_METADATA
