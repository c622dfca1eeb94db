"""The conformance suite of `ComputedColumns`, and of the mismatch that `ProcessingQueue` stores."""

import pytest
from msgspec.structs import replace

from chalicelib.core.files.model import Analysis, Failure
from chalicelib.core.files.ports import NewName
from tests.database_ports import DatabasePorts, add_processed, add_uploaded, claim_file, finish_file, reload
from tests.samples import ANALYZED_OBJECT, OWNER, analysis


@pytest.mark.parametrize("mismatch", [True, False])
def test_finish_stores_the_mismatch_of_the_analysis(db: DatabasePorts, mismatch: bool) -> None:
    assert finish_file(db, add_uploaded(db), analysis(mismatch=mismatch)).mismatch is mismatch
    assert list(db.computed_columns.next_batch(9)) == []


@pytest.mark.parametrize("analysis", [None, analysis(mismatch=True)])
def test_a_failure_stores_the_mismatch_of_its_partial_analysis(
    db: DatabasePorts, analysis: Analysis | None
) -> None:
    finished = finish_file(db, add_uploaded(db), Failure("c", "m", analysis))
    assert finished.mismatch is (analysis is not None)


def test_exhausted_attempts_leave_no_mismatch(db: DatabasePorts) -> None:
    failed = db.queue.fail_exhausted(add_uploaded(db), Failure("c", "m"))
    assert failed is not None
    assert failed.mismatch is False


@pytest.mark.parametrize("outcome", [analysis(), Failure("c", "m", analysis())])
def test_a_file_that_was_renamed_while_it_was_processed_is_in_the_backlog(
    db: DatabasePorts, outcome: Analysis | Failure
) -> None:
    file = add_uploaded(db)
    claimed = claim_file(db, file)
    db.files.update(OWNER, file.id, name=NewName("a.png", mismatch=False, version=claimed.version))
    finished = db.queue.finish(claimed, outcome, ANALYZED_OBJECT)
    assert finished is not None
    assert finished.mismatch is None
    assert list(db.computed_columns.next_batch(9)) == [finished]


def test_unfinished_files_are_not_in_the_backlog(db: DatabasePorts) -> None:
    add_uploaded(db)
    claim_file(db, add_uploaded(db))
    assert list(db.computed_columns.next_batch(9)) == []


def test_storing_a_mismatch_makes_no_new_version(db: DatabasePorts) -> None:
    processed = [add_processed(db, name) for name in "abc"]
    stale = [
        db.files.update(OWNER, file.id, name=NewName("a.png", mismatch=False, version=0)) for file in processed
    ]
    files = [file for file in stale if file is not None]
    assert list(db.computed_columns.next_batch(2)) == sorted(files, key=lambda file: file.id)[:2]
    db.computed_columns.store([replace(files[0], mismatch=True), replace(files[1], mismatch=False)])
    assert reload(db, files[0]) == replace(files[0], mismatch=True)
    assert reload(db, files[1]) == replace(files[1], mismatch=False)
    assert list(db.computed_columns.next_batch(9)) == [files[2]]


def test_a_file_that_changed_since_it_was_read_stays_in_the_backlog(db: DatabasePorts) -> None:
    file = add_processed(db)
    stale = db.files.update(OWNER, file.id, name=NewName("a.png", mismatch=False, version=0))
    assert stale is not None
    current = db.files.update(OWNER, file.id, name=NewName("b.png", mismatch=False, version=0))
    db.computed_columns.store([replace(stale, mismatch=True)])
    assert list(db.computed_columns.next_batch(9)) == [current]
