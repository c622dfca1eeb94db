"""What functions can raise, as it is computed from their sources."""

import pytest

from chalicelib.core.errors import (
    FILE_NOT_FOUND,
    INSUFFICIENT_STORAGE,
    INVALID_NAME,
    NO_THUMBNAIL,
    NOT_UPLOADED,
    STORAGE_UNAVAILABLE,
    ErrorKind,
)
from tests.sources.definitions import Definition
from tests.sources.raised_errors import Analysis
from tests.unit import raising_functions


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("raise_here", {FILE_NOT_FOUND}),
        ("call", {FILE_NOT_FOUND}),
        ("raise_result", {FILE_NOT_FOUND}),
        ("make_without_raising", set()),
        ("catch", {NO_THUMBNAIL}),
        ("catch_a_subclass_only", {FILE_NOT_FOUND}),
        ("catch_another", {FILE_NOT_FOUND}),
        ("raise_again", {FILE_NOT_FOUND}),
        ("raise_by_name", {FILE_NOT_FOUND}),
        ("ignore", set()),
        ("make_form", {INVALID_NAME}),
        ("use_property", {INVALID_NAME, NO_THUMBNAIL}),
        ("use_field", {NOT_UPLOADED}),
        ("use_port", {STORAGE_UNAVAILABLE, INSUFFICIENT_STORAGE}),
        ("pass_on", {FILE_NOT_FOUND}),
        ("pass_on_to_who_catches", set()),
        ("pass_on_to_a_library", {FILE_NOT_FOUND}),
        ("call_each_other", {FILE_NOT_FOUND}),
        ("raise_something", {ErrorKind("unknown", f"raised by {raising_functions.__name__}.raise_something")}),
    ],
)
def test_errors_of_a_function(name: str, errors: set[ErrorKind]) -> None:
    assert Analysis().raised_by(Definition(raising_functions.__name__, name)) == errors


def test_a_port_without_an_adapter_is_an_error() -> None:
    with pytest.raises(LookupError, match="no adapter implements"):
        Analysis().raised_by(Definition(raising_functions.__name__, "use_port_without_adapter"))
