"""What the sweep stores of files without terms, on PostgreSQL: the fake needs nothing stored."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import Failure
from chalicelib.core.files.ports import NewName
from tests.database_access import connect_to
from tests.database_ports import DatabasePorts, add_processed, add_uploaded, claim_file, postgres_ports, reload
from tests.samples import ANALYZED_OBJECT, OWNER, analysis


@pytest.fixture
def ports(database: Database) -> DatabasePorts:
    return postgres_ports(database)


def backlog(db: DatabasePorts) -> list[str]:
    return [file.name for file in db.computed_columns.next_batch(9)]


def store_all(db: DatabasePorts) -> None:
    batch = db.computed_columns.next_batch(9)
    db.computed_columns.store([replace(file, mismatch=file.is_mismatched) for file in batch])
    assert backlog(db) == []


def change_by_older_code(database: Database, assignment: str) -> None:
    """Change all files by a statement that names no column of migration 0013."""
    with connect_to(database) as connection:
        connection.execute(text(f"UPDATE files SET {assignment}, version = version + 1"))  # noqa: S608  # no input


def stored(database: Database) -> tuple[str | None, bool, str | None]:
    [row] = database.read("SELECT search_name, search_terms IS NOT NULL AS has_terms, search_words FROM files")
    return row.search_name, row.has_terms, row.search_words


def test_processed_files_are_not_in_it(ports: DatabasePorts) -> None:
    add_processed(ports)
    add_uploaded(ports)
    claim_file(ports, add_uploaded(ports))
    assert backlog(ports) == []


def test_files_that_wait_for_long_are_in_it(ports: DatabasePorts, database: Database) -> None:
    add_uploaded(ports)
    assert backlog(ports) == []
    change_by_older_code(database, "status_since = now() - interval '11 min'")
    assert backlog(ports) == ["a.txt"]


def test_files_that_end_without_processing_are_in_it(ports: DatabasePorts) -> None:
    rejected = ports.queue.reject(claim_file(ports, add_uploaded(ports, "rejected")), Failure("c", "m"))
    assert rejected is not None
    assert backlog(ports) == ["rejected"]
    store_all(ports)
    assert reload(ports, rejected) == rejected, "no new version"
    assert ports.files.list(OWNER, ListQuery(name_contains="ject")).files == [rejected]


def test_a_renamed_file_is_in_it(ports: DatabasePorts, database: Database) -> None:
    file = add_processed(ports)
    ports.files.update(OWNER, file.id, name=NewName("A.txt", mismatch=False, version=file.version))
    assert backlog(ports) == ["A.txt"]
    store_all(ports)
    current = reload(ports, file)
    ports.files.update(OWNER, file.id, name=NewName("A.txt", mismatch=False, version=current.version))
    ports.files.update(OWNER, file.id, metadata={"order": "7"})
    assert backlog(ports) == []
    assert stored(database)[:2] == ("a.txt", True)


def test_a_file_that_changed_since_it_was_read_stays_in_it(ports: DatabasePorts) -> None:
    file = add_processed(ports)
    ports.files.update(OWNER, file.id, name=NewName("b.txt", mismatch=False, version=file.version))
    batch = ports.computed_columns.next_batch(9)
    ports.files.update(OWNER, file.id, name=NewName("c.txt", mismatch=False, version=file.version))
    ports.computed_columns.store(batch)
    assert backlog(ports) == ["c.txt"]


@pytest.mark.parametrize(
    ("change", "name", "is_stale"),
    [
        ("name = 'B.txt'", None, True),
        ("processed_at = now(), result = '{}'", "a.txt", True),
        ("processed_at = NULL, status = 'uploaded'", "a.txt", False),
        ("metadata = '{}', scan_verdict = 'clean'", "a.txt", False),
    ],
)
def test_what_older_code_makes_stale_is_in_it(
    ports: DatabasePorts, database: Database, change: str, name: str | None, is_stale: bool
) -> None:
    add_processed(ports)
    change_by_older_code(database, change)
    assert stored(database)[:2] == (name, not is_stale)
    assert bool(backlog(ports)) is is_stale
    if is_stale:
        store_all(ports)
        assert stored(database)[1]


def test_older_code_renames_a_file_that_is_not_processed(ports: DatabasePorts, database: Database) -> None:
    add_uploaded(ports)
    change_by_older_code(database, "name = 'B.txt'")
    assert stored(database)[:2] == (None, False)
    assert len(ports.files.list(OWNER, ListQuery(name_contains="b.T")).files) == 1


def test_a_file_that_older_code_has_named_is_found_after_processing(
    ports: DatabasePorts, database: Database
) -> None:
    file = add_uploaded(ports)
    change_by_older_code(database, "name = 'B.txt'")
    ports.queue.finish(claim_file(ports, file), analysis(), ANALYZED_OBJECT)
    assert len(ports.files.list(OWNER, ListQuery(name_contains="b.T")).files) == 1
    store_all(ports)
    assert stored(database)[:2] == ("b.txt", True)
    assert len(ports.files.list(OWNER, ListQuery(name_contains="b.T")).files) == 1


@pytest.mark.parametrize(
    ("part", "is_found"), [("Résumé", True), ("sumé.P", True), ("resume", False), ("%", False)]
)
def test_a_name_of_older_code_is_found_as_by_older_code(
    ports: DatabasePorts, database: Database, part: str, is_found: bool
) -> None:
    add_uploaded(ports)
    change_by_older_code(database, "name = 'Résumé.pdf'")
    assert bool(ports.files.list(OWNER, ListQuery(name_contains=part)).files) is is_found


def test_processing_stores_terms_and_words_in_one_statement(ports: DatabasePorts, database: Database) -> None:
    file = add_processed(ports)
    requeued = ports.files.requeue(OWNER, file.id)
    assert requeued is not None
    assert stored(database)[1], "it is found by its terms meanwhile"
    outcome = analysis()
    outcome.result["text"]["preview"] = "Hello wörld hello"
    ports.queue.finish(claim_file(ports, requeued, timedelta(minutes=1)), outcome, ANALYZED_OBJECT)
    name, has_terms, words = stored(database)
    assert (name, has_terms) == ("a.txt", True)
    assert words is not None
    assert [word for word in words.split() if "@" not in word] == ["'hello'", "'world'"]
