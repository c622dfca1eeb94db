"""JSON and JSON lines."""

import io
from typing import Any

import pytest

from chalicelib.processors.formats import json
from tests.processors.analyze import analyze_bytes, facts_of


def json_facts(content: bytes) -> dict[str, Any]:
    """Return the facts of a file that is declared as JSON."""
    analysis = analyze_bytes(content, "application/json")
    assert set(analysis.result) == {"json"}
    return facts_of(content, "application/json")


def test_object_facts() -> None:
    facts = json_facts(b'{"a": 1, "b": {"c": [true, null]}}')
    assert (facts["valid"], facts["type"], facts["keys"], facts["key_count"]) == (True, "object", ["a", "b"], 2)
    assert (facts["depth"], facts["values"], facts["documents"]) == (3, 6, 1)


def test_array_facts() -> None:
    facts = json_facts(b'[{"a": 1, "b": {"x": 1}}, {"a": 2, "c": 3}]')
    assert (facts["type"], facts["length"], facts["length_estimated"]) == ("array", 2, False)
    assert facts["keys"] == ["a", "b"]


def test_json_lines_facts() -> None:
    facts = json_facts(b'{"a": 1}\n{"a": 2, "b": 1}\n')
    assert (facts["valid"], facts["documents"], facts["type"], facts["keys"]) == (True, 2, "object", ["a"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_encodings_beyond_the_standard_are_accepted(encoding: str) -> None:
    assert json_facts('{"größe": 1}'.encode(encoding))["keys"] == ["größe"]


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
def test_invalid_json_has_a_problem(content: bytes, problem: str) -> None:
    facts = json_facts(content)
    assert facts["valid"] is False
    assert problem in facts["problem"]
    assert "\n" not in facts["problem"]
    assert not facts["problem"].startswith("b'")


def test_counts_end_at_the_syntax_error() -> None:
    assert json_facts(b"[1, 2, 3, oops]")["length"] == 3


@pytest.mark.parametrize("closed", [b"", b"]" * 100_000])
def test_nesting_100_000_deep(closed: bytes) -> None:
    facts = json_facts(b"[" * 100_000 + closed)
    assert facts["depth"] == 100_000
    assert facts["valid"] is bool(closed)


@pytest.mark.parametrize(
    "number",
    [
        *("1e999", "-1e999", "123456789012345678901234567890", "1E-99999999999999999999", "0e-0", "-0"),
        *("9" * 100_000, "-" + "9" * 100_000, "0." + "9" * 100_000, "1e" + "9" * 100_000),
    ],
)
def test_huge_numbers_are_valid(number: str) -> None:
    facts = json_facts(f'{{"a": {number}, "b": [{number}]}}'.encode())
    assert (facts["valid"], facts["keys"], facts["values"]) == (True, ["a", "b"], 4)


def test_numbers_across_chunks_are_trimmed() -> None:
    pieces = ", ".join("7" * length for length in (1, 499, 500, 501, 4300, 4301, 70_000, 200_000))
    assert json_facts(f"[{pieces}]".encode())["length"] == 8
    assert json_facts(b"1" * 200_000)["documents"] == 1


def test_digits_in_keys_are_kept() -> None:
    key = "12345678901234567890" * 10
    assert json_facts(f'{{"{key}": "\\u0031{key * 10}", "\\u0031{key}": 1}}'.encode())["keys"] == [
        key[:100],
        f"1{key}"[:100],
    ]


def test_many_keys_are_counted_and_the_first_named() -> None:
    facts = json_facts(b"{" + b", ".join(b'"k%d": 1' % number for number in range(1000)) + b"}")
    assert (len(facts["keys"]), facts["key_count"]) == (json.MAX_KEYS, 1000)


def facts_of_large_file(monkeypatch: pytest.MonkeyPatch, content: bytes) -> dict[str, Any]:
    """Return the facts if only the first 1,000 bytes are parsed."""
    monkeypatch.setattr(json, "MAX_PARSED_BYTES", 1000)
    return json.describe(io.BytesIO(content), len(content), "application/json").facts


@pytest.mark.parametrize(
    ("content", "name", "count"),
    [
        (b"[" + b"{}, " * 10_000 + b"{}]", "length", 10_001),
        (b'{"a": 1}\n' * 10_000, "documents", 10_000),
    ],
)
def test_counts_of_a_large_file_are_estimates(
    monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, count: int
) -> None:
    facts = facts_of_large_file(monkeypatch, content)
    assert facts[f"{name}_estimated"] is True
    assert abs(facts[name] - count) < count / 50
    assert facts["valid"] is None
    assert facts["problem"] is None


@pytest.mark.parametrize(
    ("content", "expected"),
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
def test_unfinished_counts_of_a_large_file_are_not_exact(
    monkeypatch: pytest.MonkeyPatch, content: bytes, expected: dict[str, object]
) -> None:
    facts = facts_of_large_file(monkeypatch, content)
    assert {name: facts[name] for name in expected} == expected


def test_large_single_string_has_no_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert facts_of_large_file(monkeypatch, b'"' + b"x" * 2000 + b'"') == {"valid": None, "problem": None}


def test_syntax_error_in_a_large_file_ends_the_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of_large_file(monkeypatch, b'[{"a": 1}, 2, oops' + b" " * 2000)
    assert facts["valid"] is False
    assert (facts["length"], facts["length_estimated"], facts["values"]) == (2, False, 4)
    assert (facts["depth_estimated"], facts["documents_estimated"], facts["key_count"]) == (False, False, 1)


def test_nothing_is_estimated_in_a_small_file() -> None:
    facts = json_facts(b'[{"a": 1}]')
    assert not [name for name, fact in facts.items() if name.endswith("_estimated") and fact]
