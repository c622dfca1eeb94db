"""JSON, and lines of it."""

import io
from typing import Any

import pytest

from chalicelib.processors import json
from tests.processors.described import described, facts


def told(content: bytes) -> dict[str, Any]:
    """Describe what somebody called JSON."""
    description = described(content, "application/json")
    assert set(description.result) == {"json"}
    return facts(content, "application/json")


def test_an_object() -> None:
    found = told(b'{"a": 1, "b": {"c": [true, null]}}')
    assert (found["valid"], found["type"], found["keys"], found["key_count"]) == (True, "object", ["a", "b"], 2)
    assert (found["depth"], found["values"], found["documents"]) == (3, 6, 1)


def test_an_array_of_objects() -> None:
    found = told(b'[{"a": 1, "b": {"x": 1}}, {"a": 2, "c": 3}]')
    assert (found["type"], found["length"], found["length_estimated"]) == ("array", 2, False)
    assert found["keys"] == ["a", "b"]


def test_lines_of_json() -> None:
    found = told(b'{"a": 1}\n{"a": 2, "b": 1}\n')
    assert (found["valid"], found["documents"], found["type"], found["keys"]) == (True, 2, "object", ["a"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings_than_the_standard_allows(encoding: str) -> None:
    assert told('{"größe": 1}'.encode(encoding))["keys"] == ["größe"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"a": 1,}', "invalid object key"),
        (b'{"a": 1', "premature EOF"),
        (b'{"a": 1} x', "invalid char"),
        (b'{"a": "\xff\xff"}', "invalid bytes in UTF8"),
        (b"[01]", "after array element"),
        (b"[NaN]", "invalid char"),
        (b"not json at all", "invalid string"),
        (b"[" + b"9" * 5000 + b"]", "digits"),
    ],
)
def test_what_is_not_valid_says_why(content: bytes, problem: str) -> None:
    found = told(content)
    assert found["valid"] is False
    assert problem in found["problem"]
    assert "\n" not in found["problem"]
    assert not found["problem"].startswith("b'")


def test_counts_end_where_the_fault_is() -> None:
    assert told(b"[1, 2, 3, oops]")["length"] == 3


@pytest.mark.parametrize("closed", [b"", b"]" * 100_000])
def test_nested_100_000_deep(closed: bytes) -> None:
    found = told(b"[" * 100_000 + closed)
    assert found["depth"] == 100_000
    assert found["valid"] is bool(closed)


def test_numbers_beyond_all_measure_are_valid() -> None:
    assert told(b"[1e999, -1e999, 123456789012345678901234567890]")["valid"] is True


def test_many_keys_are_counted_and_the_first_named() -> None:
    found = told(b"{" + b", ".join(b'"k%d": 1' % number for number in range(1000)) + b"}")
    assert (len(found["keys"]), found["key_count"]) == (json.MAX_KEYS, 1000)


@pytest.mark.parametrize(
    ("content", "name", "count"),
    [
        (b"[" + b"{}, " * 10_000 + b"{}]", "length", 10_001),
        (b'{"a": 1}\n' * 10_000, "documents", 10_000),
    ],
)
def test_the_counts_of_a_large_file_are_estimates(
    monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, count: int
) -> None:
    monkeypatch.setattr(json, "COUNTED", 1000)
    found = json.describe(io.BytesIO(content), len(content)).facts
    assert found[f"{name}_estimated"] is True
    assert abs(found[name] - count) < count / 50
    assert found["valid"] is None
    assert found["problem"] is None
