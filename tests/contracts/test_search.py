"""The conformance suite of searching: `Files.list` by a part of the name, or by words of what processing found."""

import unicodedata
from typing import Any

import pytest

from chalicelib.core.accounts.model import AllOwners
from chalicelib.core.files.file_list import ListQuery, Order, Position
from chalicelib.core.files.list_files import sort_key
from chalicelib.core.files.model import Analysis, Failure, File
from chalicelib.core.files.ports import NewName
from chalicelib.core.files.statuses import Status
from tests.database_ports import DatabasePorts, add_processed, add_uploaded, claim_file, finish_file
from tests.samples import ANALYZED_OBJECT, OTHER_OWNER, OWNER


def names(db: DatabasePorts, **filters: Any) -> list[str]:
    return [file.name for file in db.files.list(OWNER, ListQuery(**filters)).files]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Résumé 2026.PDF", "resume"),
        ("Résumé 2026.PDF", "SUMÉ 20"),
        (unicodedata.normalize("NFD", "Größe.txt"), "größe"),
        (unicodedata.normalize("NFC", "Größe.txt"), unicodedata.normalize("NFD", "GRÖSSE")),
        ("Straße.txt", "STRASSE"),
        ("ﬁnal.txt", "final"),
        ("Ｆｕｌｌ.txt", "full"),
        ("İstanbul.txt", "istanbul"),
        ("写真.jpg", "真"),
        ("한글.txt", "글"),
        ("Ἀθῆναι.txt", "αθηναι"),
        ("📷 a.txt", "📷"),
    ],
)
@pytest.mark.parametrize("is_processed", [True, False])
def test_case_accents_and_forms_of_unicode_make_no_difference(
    db: DatabasePorts, name: str, part: str, is_processed: bool
) -> None:
    for each in (name, "b.txt"):
        if is_processed:
            add_processed(db, each)
        else:
            add_uploaded(db, each)
    assert names(db, name_contains=part) == [name]


@pytest.mark.parametrize("part", ["%", "_", "\\", "%.", "_t", "a_", "\\%", "'", "''", '"'])
def test_no_character_of_the_part_has_a_meaning(db: DatabasePorts, part: str) -> None:
    add_processed(db, "another.txt")
    add_processed(db, f"x{part}y.txt")
    add_uploaded(db, f"z{part}y.txt")
    assert names(db, name_contains=part, order=Order.NAME) == [f"x{part}y.txt", f"z{part}y.txt"]


@pytest.mark.parametrize("part", ["e", "ep", "epo", "report 1", "t 10"])
def test_parts_of_any_length_find_files_in_each_status(db: DatabasePorts, part: str) -> None:
    add_processed(db, "report 10.txt")
    add_uploaded(db, "report 100.txt")
    claim_file(db, add_uploaded(db, "report 101.txt"))
    add_uploaded(db, "other", owner=OTHER_OWNER)
    assert names(db, name_contains=part, order=Order.NAME) == ["report 10.txt", "report 100.txt", "report 101.txt"]


def test_a_part_that_is_only_similar_finds_nothing(db: DatabasePorts) -> None:
    add_processed(db, "abcd bcde.txt")
    assert names(db, name_contains="abcde") == []  # each of its grams is in the name
    assert names(db, name_contains="bcde") == ["abcd bcde.txt"]


def test_a_renamed_file_is_found_by_its_new_name(db: DatabasePorts) -> None:
    for file in (add_processed(db, "before.txt"), add_uploaded(db, "Before.txt")):
        db.files.update(OWNER, file.id, name=NewName("Áfter.txt", mismatch=False, version=file.version))
    for _ in range(2):
        assert names(db, name_contains="before") == []
        assert names(db, name_contains="after.txt") == ["Áfter.txt"] * 2
        db.computed_columns.store(db.computed_columns.next_batch(9))


def test_a_file_that_is_renamed_while_it_is_processed_is_found_by_its_new_name(db: DatabasePorts) -> None:
    claimed = claim_file(db, add_uploaded(db, "before.txt"))
    db.files.update(OWNER, claimed.id, name=NewName("after.txt", mismatch=False, version=claimed.version))
    db.queue.finish(claimed, of_text(title="x"), ANALYZED_OBJECT)
    assert names(db, name_contains="before") == []
    assert names(db, name_contains="after") == ["after.txt"]


def of_text(**facts: Any) -> Analysis:
    return Analysis(detected_type="application/pdf", result={"pdf": {"version": 1, **facts}})


def add_with_facts(db: DatabasePorts, name: str = "a.pdf", *, owner: str = OWNER, **facts: Any) -> File:
    return finish_file(db, add_uploaded(db, name, owner=owner), of_text(**facts))


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("annual report", True),
        ("REPORT, annual!", True),
        ("anual", False),
        ("annu", False),
        ("annual budget", False),
        ("ada", True),
        ("example.com", True),
        ("elegant preview", True),
        ("Münchén", True),
        ("plan.xlsx", True),
        ("東京", True),
        ("京", True),
        ("京東", False),
        ("12", False),
        ("…", False),
        ("'", False),
        ("a' | 'b", False),
        ("-annual", True),
    ],
)
def test_words_of_titles_authors_previews_and_names(db: DatabasePorts, text: str, is_found: bool) -> None:
    add_with_facts(
        db,
        title="Annual Report",
        author="Ada Lovelace <ada@example.com>",
        preview="An élégant preview of MUNCHEN, 東京都",
        pages=12,
        first={"attachments": [{"name": "plan.xlsx"}]},
    )
    add_with_facts(db, "b.pdf", title="Budget")
    add_uploaded(db)
    assert names(db, text=text) == (["a.pdf"] if is_found else [])


def test_words_find_the_files_of_one_owner(db: DatabasePorts) -> None:
    add_with_facts(db, title="report")
    add_with_facts(db, owner=OTHER_OWNER, title="report")
    assert names(db, text="report") == ["a.pdf"]
    assert len(db.files.list(AllOwners.ALL, ListQuery(text="report")).files) == 2


def test_a_failure_removes_the_words_of_an_earlier_result(db: DatabasePorts) -> None:
    file = add_with_facts(db, title="report")
    requeued = db.files.requeue(OWNER, file.id)
    assert requeued is not None
    assert names(db, text="report") == ["a.pdf"]
    finish_file(db, requeued, Failure("c", "m"))
    assert names(db, text="report") == []


@pytest.mark.parametrize("is_rejected", [True, False])
def test_no_words_are_left_of_a_file_that_ends_without_processing(db: DatabasePorts, is_rejected: bool) -> None:
    file = add_with_facts(db, title="report")
    requeued = db.files.requeue(OWNER, file.id)
    assert requeued is not None
    if is_rejected:
        assert db.queue.reject(claim_file(db, requeued), Failure("c", "m"))
    else:
        assert db.queue.fail_exhausted(requeued, Failure("c", "m"))
    assert names(db, text="report") == []
    assert names(db, name_contains="a.pdf") == ["a.pdf"]


def test_search_with_other_filters(db: DatabasePorts) -> None:
    add_with_facts(db, "report 1.pdf", title="Plan")
    add_with_facts(db, "report 2.pdf", title="Budget")
    add_uploaded(db, "report 3.pdf")
    add_processed(db, "report 4.txt")
    assert names(db, name_contains="report", type="application/pdf", order=Order.NAME) == [
        "report 1.pdf",
        "report 2.pdf",
    ]
    assert names(db, name_contains="report", type="text/*", order=Order.SIZE) == ["report 4.txt"]
    assert names(db, name_contains="report", text="budget") == ["report 2.pdf"]
    assert names(db, text="budget", type="image/*") == []
    assert names(db, name_contains="report", status=Status.UPLOADED) == ["report 3.pdf"]
    assert names(
        db, type="application/pdf", status=Status.PROCESSED, mismatch=False, order=Order.NAME_DESCENDING
    ) == [
        "report 2.pdf",
        "report 1.pdf",
    ]
    assert names(db, status=Status.UPLOADED, order=Order.NAME) == ["report 3.pdf"]
    assert names(db, type="application/pdf", mismatch=True) == []


@pytest.mark.parametrize("order", Order)
def test_two_filters_without_a_text(db: DatabasePorts, order: Order) -> None:
    add_with_facts(db, "processed.pdf")
    failure = Failure("c", "m", Analysis(detected_type="application/pdf", result={}, mismatch=True))
    finish_file(db, add_uploaded(db, "failed.pdf"), failure)
    finish_file(db, add_uploaded(db, "failed.txt"), Failure("c", "m"))
    for wanted in ("application/pdf", "application/*"):
        assert names(db, type=wanted, status=Status.FAILED, order=order) == ["failed.pdf"]
        assert names(db, type=wanted, mismatch=True, order=order) == ["failed.pdf"]
    assert names(db, mismatch=True, status=Status.FAILED, order=order) == ["failed.pdf"]
    assert names(db, mismatch=True, status=Status.PROCESSED, order=order) == []


@pytest.mark.parametrize("order", Order)
def test_pages_of_a_search_have_each_file_once(db: DatabasePorts, order: Order) -> None:
    for number in range(7):
        (add_processed if number % 2 else add_uploaded)(db, f"report {number}")
    add_processed(db, "other")
    found: list[str] = []
    after = None
    for _ in range(4):
        listing = db.files.list(OWNER, ListQuery(name_contains="report", limit=2, order=order, after=after))
        found += [file.name for file in listing.files]
        after = Position(order, sort_key(order, listing.files[-1]), listing.files[-1].id)
    assert sorted(found) == [f"report {number}" for number in range(7)]
    assert not listing.has_more
