"""Facts in a form that can be stored."""

import math

import pytest

from chalicelib.core.processing.processor_result import MAX_TEXT, to_jsonb_safe


@pytest.mark.parametrize(
    ("fact", "stored"),
    [
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
        ("a\ud83db", "a\N{REPLACEMENT CHARACTER}b"),
        ("\ud83d\ude00", "\N{GRINNING FACE}"),
        ("x" * 10_000, "x" * MAX_TEXT),
        (math.inf, None),
        (math.nan, None),
        (2**63, None),
        (2**63 - 1, 2**63 - 1),
        (True, True),
        (1.5, 1.5),
        ({"a\0": None, "b": [("c",), {"d": None}]}, {"b": [["c"], {}]}),
    ],
)
def test_to_jsonb_safe(fact: object, stored: object) -> None:
    assert to_jsonb_safe(fact) == stored
