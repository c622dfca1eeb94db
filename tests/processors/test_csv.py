"""CSV and TSV."""

import io
from typing import Any

import pytest

from chalicelib.processors.formats import csv
from tests.processors.analyze import analyze_bytes, facts_of


def csv_facts(content: bytes) -> dict[str, Any]:
    """Return the facts of a file that is declared as CSV."""
    analysis = analyze_bytes(content, "text/csv; header=present")
    assert set(analysis.result) == {"csv"}
    return facts_of(content, "text/csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_detected(delimiter: str) -> None:
    rows = [["id", "a name"], ["1", "x"], ["2", "y"]]
    facts = csv_facts("\r\n".join(delimiter.join(row) for row in rows).encode())
    assert (facts["delimiter"], facts["header"], facts["rows"]) == (delimiter, True, 2)
    assert facts["columns"] == [{"name": "id", "type": "integer"}, {"name": "a name", "type": "text"}]


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
def test_column_types_are_detected(cells: list[str], kind: str) -> None:
    facts = csv_facts("".join(f"{line}\n" for line in ["id,value", *(f"1,{cell}" for cell in cells)]).encode())
    assert facts["columns"][1] == {"name": "value", "type": kind}


def test_columns_without_header_have_no_names() -> None:
    facts = csv_facts(b"1,Ada\n2,Bob\n3,Cyd\n")
    assert (facts["header"], facts["rows"]) == (False, 3)
    assert facts["columns"] == [{"type": "integer"}, {"type": "text"}]


def test_line_ends_in_quotes_and_blank_lines_are_not_counted() -> None:
    assert csv_facts(b'id,text\n1,"a\nb"\n\n2,"c ""d"""\n\n')["rows"] == 2


def test_irregular_rows_are_counted() -> None:
    facts = csv_facts(b"a,b,c\n1,2,3\n1,2\n1,2,3\n1,2,3,4\n1,2,3\n")
    assert (facts["rows"], facts["column_count"], facts["irregular_rows"]) == (5, 3, 2)


def test_one_column_is_csv_if_declared_so() -> None:
    facts = csv_facts(b"name\nAda\nBob\n")
    assert (facts["column_count"], facts["rows"]) == (1, 2)


def test_only_first_columns_of_a_wide_table_are_named() -> None:
    facts = csv_facts(b",".join(b"c%d" % number for number in range(1000)) + b"\n" + b"1," * 999 + b"1\n")
    assert (len(facts["columns"]), facts["column_count"]) == (csv.MAX_COLUMNS, 1000)


def test_rows_behind_the_sample_are_counted() -> None:
    assert csv_facts(b"id,name\n" + b"1,Ada\n" * 100_000)["rows"] == 100_000


def test_line_of_100_megabytes_ends_the_counting() -> None:
    facts = csv_facts(b"id,name\n1,Ada\n" + b"x" * 100_000_000)
    assert facts["rows"] == 1
    assert facts["problem"] == "row 3 is too long for a table"


def test_row_of_endless_lines_is_a_problem() -> None:
    facts = csv_facts(b"id,name\n1,Ada\n" + b'"\n",' * 500_000)
    assert (facts["rows"], facts["problem"]) == (1, "row 3 is too long for a table")


def test_wide_rows_keep_only_the_named_columns() -> None:
    facts = csv_facts((b"1," * 9_999 + b"1\n") * 300)
    assert (facts["column_count"], facts["rows"], facts["irregular_rows"]) == (10_000, 300, 0)
    assert len(facts["columns"]) == csv.MAX_COLUMNS


def test_unclosed_quote_is_a_problem() -> None:
    facts = csv_facts(b'id,name\n1,"Ada\n' + b"2,Bob\n" * 100_000)
    assert "field larger than field limit" in facts["problem"]


def test_rows_of_a_large_table_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "MAX_COUNTED_BYTES", 996)
    content = b"id,name\n" + b"1,Ada\n1,Ada,\n" * 50_000
    facts = csv.describe(io.BytesIO(content), len(content), "text/csv").facts
    assert (facts["rows_estimated"], facts["irregular_rows_estimated"]) == (True, True)
    assert abs(facts["rows"] - 100_000) < 2000
    assert abs(facts["irregular_rows"] - 50_000) < 1000


def test_counts_of_a_small_table_are_exact() -> None:
    facts = csv_facts(b"a,b\n1,2\n1\n")
    assert (facts["rows_estimated"], facts["irregular_rows_estimated"]) == (False, False)


def test_rows_before_a_problem_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "MAX_COUNTED_BYTES", 2 * csv.MAX_ROW)
    content = b"id,name\n1,Ada\n1\n" + b"x" * 3 * csv.MAX_ROW
    facts = csv.describe(io.BytesIO(content), len(content), "text/csv").facts
    assert (facts["rows"], facts["rows_estimated"], facts["problem"][:5]) == (2, False, "row 4")
    assert (facts["irregular_rows"], facts["irregular_rows_estimated"]) == (1, False)


@pytest.mark.parametrize("rest", [b"", b"\n2"])
def test_row_where_reading_ends_is_not_counted_as_irregular(monkeypatch: pytest.MonkeyPatch, rest: bytes) -> None:
    begin = b'a,b,c\n1,2,3\n1,2,3\n1,"2\n' + rest
    monkeypatch.setattr(csv, "MAX_COUNTED_BYTES", len(begin))
    content = begin + b'",3\n' + b"1,2,3\n" * 10
    assert csv.describe(io.BytesIO(content), len(content), "text/csv").facts["irregular_rows"] == 0


@pytest.mark.parametrize("counted", [csv.LIMIT, 500_000])
def test_lines_may_end_with_carriage_return(monkeypatch: pytest.MonkeyPatch, counted: int) -> None:
    monkeypatch.setattr(csv, "MAX_COUNTED_BYTES", counted)
    content = b"id,name\r" + b"1,Ada\r2,Bob,\r" * 50_000
    assert content[csv.SAMPLE - 1 : csv.SAMPLE] == b"\r"
    facts = csv.describe(io.BytesIO(content), len(content), "text/csv").facts
    assert abs(facts["rows"] - 100_000) < 10
    assert abs(facts["irregular_rows"] - 50_000) < 10
    assert facts["problem"] is None


def test_cell_with_leading_spaces_is_text() -> None:
    assert csv_facts(b"id,name\n1," + b" " * 300 + b"Ada\n")["columns"][1]["type"] == "text"


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\x00", b"\xff\xfe", b'"', b",", b",\n,", b"\r", b'a,"b"c\n', b"\xef\xbb\xbf"]
)
def test_degenerate_tables_are_described(content: bytes) -> None:
    csv.describe(io.BytesIO(content), len(content), "text/csv")


@pytest.mark.parametrize(
    ("content", "names", "guessed", "rows"),
    [
        ("id,name,price\r\n", ["id", "name", "price"], True, 0),
        ("a,a,a\n1,2,3\n4,5,6\n", ["a", "a", "a"], False, 2),
        ("2019,2020,2021\n1,2,3\n4,5,6\n", ["2019", "2020", "2021"], True, 2),
        ("name,2021,2020\nAda,2,3\n", ["name", "2021", "2020"], True, 1),
        ("first,last\nAda,Lovelace\nBob,Moran\n", ["first", "last"], True, 2),
        (",2026,price\nx,1,2\n", ["", "2026", "price"], True, 1),
        ("name\nAda\nBob\n", ["name"], True, 2),
        ("id,,name\n1,2,Ada\n", ["id", "", "name"], False, 1),
    ],
)
def test_header_is_detected(content: str, names: list[str], guessed: bool, rows: int) -> None:
    facts = csv_facts(content.encode())
    assert (facts["header"], facts["header_guessed"], facts["rows"]) == (True, guessed, rows)
    assert [column["name"] for column in facts["columns"]] == names


@pytest.mark.parametrize(
    ("content", "guessed"),
    [
        ("1,Ada\n2,Bob\n", False),
        ("Ada,Ada\nBob,Bob\n", True),
        ("2026-01-01,5\n2026-01-02,6\n", False),
        ("2020,2019,2021\n1,2,3\n", True),
    ],
)
def test_table_without_header(content: str, guessed: bool) -> None:
    facts = csv_facts(content.encode())
    assert (facts["header"], facts["header_guessed"]) == (False, guessed)


@pytest.mark.parametrize("begin", ["sep=;\r\n", '"sep=;"\n', "\ufeffsep=;\r\n", "SEP=;\n", "sep=;\r"])
def test_sep_line_names_the_delimiter(begin: str) -> None:
    analysis = analyze_bytes(f"{begin}id;name;note\r\n1;a;x,y\r\n2;b;z,\r\n".encode())
    assert analysis.detected_type == "text/csv"
    facts = analysis.result["csv"]
    assert (facts["delimiter"], facts["rows"], facts["skipped_rows"]) == (";", 2, 1)
    assert [column["name"] for column in facts["columns"]] == ["id", "name", "note"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_sep_line_may_name_a_tab(encoding: str) -> None:
    analysis = analyze_bytes("sep=\t\r\nid\tname\r\n1\tAda, Bob\r\n".encode(encoding))
    assert analysis.detected_type == "text/tab-separated-values"
    assert (analysis.result["csv"]["column_count"], analysis.result["csv"]["rows"]) == (2, 1)


@pytest.mark.parametrize(
    ("content", "skipped"),
    [
        ("# exported by tool\n# 2024-01-01\nid,name\n1,a\n2,b\n3,c\n", 2),
        ("# one, two, three\n\n#\nid,name\n1,a\n2,b\n3,c\n", 2),
        ("#id,name\n1,a\n2,b\n3,c\n", 1),
        ("Report of May\n\nid,name\n1,a\n2,b\n3,c\n", 1),
        ("Report of May,\n,\nid,name\n1,a\n2,b\n3,c\n", 2),
        ("sep=,\n# comment\nid,name\n1,a\n2,b\n3,c\n", 2),
    ],
)
def test_what_precedes_the_table_is_skipped(content: str, skipped: int) -> None:
    facts = csv_facts(content.encode())
    assert (facts["skipped_rows"], facts["rows"], facts["irregular_rows"]) == (skipped, 3, 0)
    assert [column["name"] for column in facts["columns"]] == ["id", "name"]


def test_comments_alone_are_a_table_of_one_column() -> None:
    facts = csv_facts(b"# one\n# two\n")
    assert (facts["column_count"], "skipped_rows" in facts) == (1, False)


def test_decimal_commas_dont_separate() -> None:
    facts = csv_facts(b"1,5;2,5\n3,25;4,0\n")
    assert (facts["delimiter"], facts["column_count"]) == (";", 2)
    assert csv_facts(b"1,5\n2,5\n")["delimiter"] == ","


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_quoted_header_in_unicode(encoding: str) -> None:
    facts = csv_facts('"id","größe"\r\n"1","groß\r\nund klein"\r\n\r\n\r\n'.encode(encoding))
    assert [column["name"] for column in facts["columns"]] == ["id", "größe"]
    assert (facts["rows"], facts["irregular_rows"], facts["encoding_guessed"]) == (1, 0, False)


def test_line_that_crosses_the_end_of_the_sample_is_one_row() -> None:
    row = b'1,"' + b"x" * 990 + b'"\r\n'
    assert csv_facts(b"id,text\r\n" + row * 100)["rows"] == 100
