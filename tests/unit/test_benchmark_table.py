"""The table that `make bench` prints."""

import pytest

from benchmarks.table import Row, format_number, format_table, spread


@pytest.mark.parametrize(
    ("service", "other", "target", "reached"),
    [
        (2.0, 10.0, "≤ 0.25", True),
        (3.0, 10.0, "≤ 0.25", False),
        (20.0, 10.0, "≥ 2", True),
        (19.0, 10.0, "≥ 2", False),
        (20.0, 10.0, "", None),
        (20.0, None, "≥ 2", None),
    ],
)
def test_a_target_is_compared_with_the_ratio(
    service: float, other: float | None, target: str, reached: bool | None
) -> None:
    assert Row("what", service, other, "FastAPI", target).is_reached is reached


def test_the_table_says_what_is_not_reached() -> None:
    rows = [
        Row("cold start, ms", 155.2, 944.0, "FastAPI", "≤ 0.25", spread([151.0, 159.4])),
        Row("uploads/s", 8.25, 10.0, "Django", "≥ 2"),
        Row("MiB", 170.0, None),
    ]
    assert format_table(rows).splitlines()[2:] == [
        "| cold start, ms | 155 (151–159) | FastAPI 944 | 0.16 | ≤ 0.25 | yes |",
        "| uploads/s | 8.25 | Django 10.0 | 0.82 | ≥ 2 | **no** |",
        "| MiB | 170 | – | – |  |  |",
    ]
    assert format_number(12_345.6) == "12,346"
