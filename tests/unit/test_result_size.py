"""Facts that are too large are trimmed, so that a response can hold them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.processing.result_size import MAX_RESULT_BYTES, trim_facts


def size(facts: dict[str, Any]) -> int:
    return len(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode())


def test_facts_that_fit_are_unchanged() -> None:
    table = {"columns": [{"name": "表" * 100, "type": "integer"}] * 100, "preview": "x" * 4000, "rows": 7}
    assert size(table) < MAX_RESULT_BYTES
    assert trim_facts(table) is table
    largest = {"text": "x" * (MAX_RESULT_BYTES - len('{"text":""}'))}
    assert trim_facts(largest) is largest


def test_texts_and_lists_are_cut_and_marked() -> None:
    facts = {"names": ["x" * 4000] * 1000, "count": 1000, "ratio": 0.5, "complete": False, "format": "zip"}
    trimmed = trim_facts(facts)
    assert trimmed == facts | {"names": ["x" * 1000] * 100, "trimmed": True}
    assert size(trimmed) <= MAX_RESULT_BYTES


@pytest.mark.parametrize(
    "facts",
    [
        {"text": "x" * 10_000_000},
        {"text": "\N{GRINNING FACE}" * 4000, "list": ["\N{GRINNING FACE}" * 4000] * 4000},
        {"keys": {f"{n}" * 500: "x" for n in range(4000)}},
        {"tree": [[[["x" * 10] * 100] * 20] * 20]},
        {f"fact {n}": n for n in range(20_000)},
    ],
    ids=["text", "wide", "mapping", "nested", "many"],
)
def test_any_facts_fit_afterwards(facts: dict[str, Any]) -> None:
    trimmed = trim_facts(facts)
    assert trimmed["trimmed"] is True
    assert size(trimmed) <= MAX_RESULT_BYTES


facts_of_any_kind = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda facts: st.lists(facts, max_size=5) | st.dictionaries(st.text(max_size=5), facts, max_size=5),
        max_leaves=30,
    ),
    max_size=5,
)


@settings(max_examples=30, deadline=None)
@given(facts=facts_of_any_kind, limit=st.integers(20, 500))
def test_trimmed_facts_have_the_same_shape(facts: dict[str, Any], limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chalicelib.core.processing.result_size.MAX_RESULT_BYTES", limit)
        trimmed = trim_facts(facts)
    assert size(trimmed) <= limit
    assert set(trimmed) <= {*facts, "trimmed"}
    for name, fact in trimmed.items():
        assert name == "trimmed" or type(fact) is type(facts[name])
