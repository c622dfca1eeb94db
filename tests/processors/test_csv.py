"""Tables in text."""

import io
from typing import Any

import pytest

from chalicelib.processors.formats import csv
from tests.processors.analyze import analyze_bytes, facts_of


def table(content: bytes) -> dict[str, Any]:
    """Describe what somebody called CSV."""
    description = analyze_bytes(content, "text/csv; header=present")
    assert set(description.result) == {"csv"}
    return facts_of(content, "text/csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_dialect_is_told(delimiter: str) -> None:
    rows = [["id", "a name"], ["1", "x"], ["2", "y"]]
    found = table("\r\n".join(delimiter.join(row) for row in rows).encode())
    assert (found["delimiter"], found["header"], found["rows"]) == (delimiter, True, 2)
    assert found["columns"] == [{"name": "id", "type": "integer"}, {"name": "a name", "type": "text"}]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", ""], "integer"),
        (["1", "2.5", "1e-3"], "number"),
        (['"1,5"', '"2,25"'], "number"),
        (["true", "FALSE"], "boolean"),
        (["2026-01-31", "2026-02-01"], "date"),
        (["2026-01-31T10:00:00Z", "2026-02-01 10:00"], "datetime"),
        (["31/01/2026", "2026-01-31"], "text"),
        (["1", "x"], "text"),
        (["", ""], "empty"),
        (["9" * 5000], "text"),
    ],
)
def test_columns_have_types(cells: list[str], kind: str) -> None:
    found = table("".join(f"{line}\n" for line in ["id,value", *(f"1,{cell}" for cell in cells)]).encode())
    assert found["columns"][1] == {"name": "value", "type": kind}


def test_a_table_without_a_header_has_columns_without_names() -> None:
    found = table(b"1,Ada\n2,Bob\n3,Cyd\n")
    assert (found["header"], found["rows"]) == (False, 3)
    assert found["columns"] == [{"type": "integer"}, {"type": "text"}]


def test_line_ends_in_quotes_and_blank_lines_are_no_rows() -> None:
    assert table(b'id,text\n1,"a\nb"\n\n2,"c ""d"""\n\n')["rows"] == 2


def test_irregular_rows_are_counted() -> None:
    found = table(b"a,b,c\n1,2,3\n1,2\n1,2,3\n1,2,3,4\n1,2,3\n")
    assert (found["rows"], found["column_count"], found["irregular_rows"]) == (5, 3, 2)


def test_one_column_is_a_table_if_somebody_says_so() -> None:
    found = table(b"name\nAda\nBob\n")
    assert (found["column_count"], found["rows"]) == (1, 2)


def test_a_wide_table_names_its_first_columns() -> None:
    found = table(b",".join(b"c%d" % number for number in range(1000)) + b"\n" + b"1," * 999 + b"1\n")
    assert (len(found["columns"]), found["column_count"]) == (csv.MAX_COLUMNS, 1000)


def test_rows_behind_the_sample_are_counted() -> None:
    assert table(b"id,name\n" + b"1,Ada\n" * 100_000)["rows"] == 100_000


def test_a_line_of_100_megabytes_ends_the_counting() -> None:
    found = table(b"id,name\n1,Ada\n" + b"x" * 100_000_000)
    assert found["rows"] == 1
    assert found["problem"] == "row 3 is too long for a table"


def test_a_row_of_lines_without_end() -> None:
    found = table(b"id,name\n1,Ada\n" + b'"\n",' * 500_000)
    assert (found["rows"], found["problem"]) == (1, "row 3 is too long for a table")


def test_of_wide_rows_only_what_is_shown_is_kept() -> None:
    found = table((b"1," * 9_999 + b"1\n") * 300)
    assert (found["column_count"], found["rows"], found["irregular_rows"]) == (10_000, 300, 0)
    assert len(found["columns"]) == csv.MAX_COLUMNS


def test_a_quote_that_never_ends() -> None:
    found = table(b'id,name\n1,"Ada\n' + b"2,Bob\n" * 100_000)
    assert "field larger than field limit" in found["problem"]


def test_the_rows_of_a_large_table_are_an_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "MAX_COUNTED_BYTES", 996)
    content = b"id,name\n" + b"1,Ada\n1,Ada,\n" * 50_000
    found = csv.describe(io.BytesIO(content), len(content), "text/csv").facts
    assert (found["rows_estimated"], found["irregular_rows_estimated"]) == (True, True)
    assert abs(found["rows"] - 100_000) < 2000
    assert abs(found["irregular_rows"] - 50_000) < 1000


def test_counts_of_a_small_table_are_no_estimates() -> None:
    found = table(b"a,b\n1,2\n1\n")
    assert (found["rows_estimated"], found["irregular_rows_estimated"]) == (False, False)


def test_rows_before_a_problem_are_no_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "MAX_COUNTED_BYTES", 2 * csv.MAX_ROW)
    content = b"id,name\n1,Ada\n1\n" + b"x" * 3 * csv.MAX_ROW
    found = csv.describe(io.BytesIO(content), len(content), "text/csv").facts
    assert (found["rows"], found["rows_estimated"], found["problem"][:5]) == (2, False, "row 4")
    assert (found["irregular_rows"], found["irregular_rows_estimated"]) == (1, False)


@pytest.mark.parametrize("rest", [b"", b"\n2"])
def test_the_row_where_reading_ends_is_not_taken_for_an_irregular_one(
    monkeypatch: pytest.MonkeyPatch, rest: bytes
) -> None:
    begin = b'a,b,c\n1,2,3\n1,2,3\n1,"2\n' + rest
    monkeypatch.setattr(csv, "MAX_COUNTED_BYTES", len(begin))
    content = begin + b'",3\n' + b"1,2,3\n" * 10
    assert csv.describe(io.BytesIO(content), len(content), "text/csv").facts["irregular_rows"] == 0


@pytest.mark.parametrize("counted", [csv.LIMIT, 500_000])
def test_lines_may_end_as_on_an_old_mac(monkeypatch: pytest.MonkeyPatch, counted: int) -> None:
    monkeypatch.setattr(csv, "MAX_COUNTED_BYTES", counted)
    content = b"id,name\r" + b"1,Ada\r2,Bob,\r" * 50_000
    assert content[csv.SAMPLE - 1 : csv.SAMPLE] == b"\r"
    found = csv.describe(io.BytesIO(content), len(content), "text/csv").facts
    assert abs(found["rows"] - 100_000) < 10
    assert abs(found["irregular_rows"] - 50_000) < 10
    assert found["problem"] is None


def test_a_cell_of_spaces_and_a_text_is_a_text() -> None:
    assert table(b"id,name\n1," + b" " * 300 + b"Ada\n")["columns"][1]["type"] == "text"


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\x00", b"\xff\xfe", b'"', b",", b",\n,", b"\r", b'a,"b"c\n', b"\xef\xbb\xbf"]
)
def test_hardly_a_table(content: bytes) -> None:
    csv.describe(io.BytesIO(content), len(content), "text/csv")
