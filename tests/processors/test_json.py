"""JSON, and lines of it."""

import io
from typing import Any

import pytest

from chalicelib.processors.formats import json
from tests.processors.analyze import analyze_bytes, facts_of


def told(content: bytes) -> dict[str, Any]:
    """Describe what somebody called JSON."""
    description = analyze_bytes(content, "application/json")
    assert set(description.result) == {"json"}
    return facts_of(content, "application/json")


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
        (b"[" + b"9" * 5000 + b"x]", "invalid char"),
        (b"[0" + b"9" * 5000 + b"]", "after array element"),
        (b"[1e" + b"9" * 5000 + b"e1]", "invalid char"),
        (b'{"a": "\xed\xa0\x80"}', "can't decode"),
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


@pytest.mark.parametrize(
    "number",
    [
        *("1e999", "-1e999", "123456789012345678901234567890", "1E-99999999999999999999", "0e-0", "-0"),
        *("9" * 100_000, "-" + "9" * 100_000, "0." + "9" * 100_000, "1e" + "9" * 100_000),
    ],
)
def test_numbers_beyond_all_measure_are_valid(number: str) -> None:
    found = told(f'{{"a": {number}, "b": [{number}]}}'.encode())
    assert (found["valid"], found["keys"], found["values"]) == (True, ["a", "b"], 4)


def test_numbers_that_are_read_in_pieces() -> None:
    pieces = ", ".join("7" * length for length in (1, 499, 500, 501, 4300, 4301, 70_000, 200_000))
    assert told(f"[{pieces}]".encode())["length"] == 8
    assert told(b"1" * 200_000)["documents"] == 1


def test_digits_in_keys_are_kept() -> None:
    key = "12345678901234567890" * 10
    assert told(f'{{"{key}": "\\u0031{key * 10}", "\\u0031{key}": 1}}'.encode())["keys"] == [
        key[:100],
        f"1{key}"[:100],
    ]


def test_many_keys_are_counted_and_the_first_named() -> None:
    found = told(b"{" + b", ".join(b'"k%d": 1' % number for number in range(1000)) + b"}")
    assert (len(found["keys"]), found["key_count"]) == (json.MAX_KEYS, 1000)


def of_a_large_file(monkeypatch: pytest.MonkeyPatch, content: bytes) -> dict[str, Any]:
    """What is told if only the first 1,000 bytes are read."""
    monkeypatch.setattr(json, "MAX_PARSED_BYTES", 1000)
    return json.describe(io.BytesIO(content), len(content), "application/json").facts


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
    found = of_a_large_file(monkeypatch, content)
    assert found[f"{name}_estimated"] is True
    assert abs(found[name] - count) < count / 50
    assert found["valid"] is None
    assert found["problem"] is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b'{"a": [' + b"[1], " * 1000 + b"[[[1]]]]}",
            {"documents": 1, "documents_estimated": True, "depth": 3, "depth_estimated": True},
        ),
        (b'{"a": "' + b"x" * 2000 + b'"}', {"keys": ["a"], "key_count": None}),
        (b'[{"a": "' + b"x" * 2000 + b'"}]', {"keys": ["a"], "key_count": None}),
        (b'[{"a": 1}, "' + b"x" * 2000 + b'"]', {"keys": ["a"], "key_count": 1}),
        (b'[{"a": 1}' + b" " * 2000 + b"]", {"keys": ["a"], "key_count": 1, "length_estimated": True}),
        (
            b"[1, 2]" + b" " * 2000 + b"[[1]]",
            {"length": 2, "length_estimated": False, "documents_estimated": True},
        ),
        (b"[1, 2]\n" + b"[1]\n" * 1000, {"length": 2, "length_estimated": False, "depth_estimated": True}),
        (b'{"a": 1}\n' + b'{"a": 1, "b": 2}\n' * 1000, {"key_count": 1}),
    ],
)
def test_what_goes_on_in_a_large_file_is_not_told_as_exact(
    monkeypatch: pytest.MonkeyPatch, content: bytes, told: dict[str, object]
) -> None:
    found = of_a_large_file(monkeypatch, content)
    assert {name: found[name] for name in told} == told


def test_of_a_large_text_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert of_a_large_file(monkeypatch, b'"' + b"x" * 2000 + b'"') == {"valid": None, "problem": None}


def test_a_fault_in_a_large_file_ends_the_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    found = of_a_large_file(monkeypatch, b'[{"a": 1}, 2, oops' + b" " * 2000)
    assert found["valid"] is False
    assert (found["length"], found["length_estimated"], found["values"]) == (2, False, 4)
    assert (found["depth_estimated"], found["documents_estimated"], found["key_count"]) == (False, False, 1)


def test_nothing_is_estimated_in_a_small_file() -> None:
    found = told(b'[{"a": 1}]')
    assert not [name for name, fact in found.items() if name.endswith("_estimated") and fact]
