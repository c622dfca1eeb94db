"""The conformance suite of `ReprocessQueue`."""

from typing import Any
from unittest.mock import ANY

import pytest

from chalicelib.core.files.model import Analysis, Failure, File
from chalicelib.core.processing.ports import MarkedBatch, ProcessorCatalog
from tests.database_ports import (
    DatabasePorts,
    add_uploaded,
    finish_file,
    reload,
)
from tests.samples import OWNER, analysis

CATALOG = ProcessorCatalog({"text": 2}, ["font/", "image/x_"])


class TestReprocessQueue:
    def add_described(self, db: DatabasePorts, version: int = 1) -> File:
        facts = {"text": {"version": version}}
        return finish_file(db, add_uploaded(db), Analysis(detected_type="t", result=facts))

    def test_file_of_older_processor_is_marked(self, db: DatabasePorts) -> None:
        old = self.add_described(db)
        self.add_described(db, 2)
        add_uploaded(db)
        marked = db.reprocess_queue.mark(CATALOG, None, 10)
        assert (marked.examined, marked.marked) == (3, 1)
        assert [file.id for file in db.reprocess_queue.next_batch(10)] == [old.id]
        assert reload(db, old) == old

    @pytest.mark.parametrize(
        ("media_type", "result", "marked"),
        [
            ("font/ttf", {}, 1),
            ("image/x_1", {}, 1),
            ("image/x-1", {}, 0),
            ("application/font/", {}, 0),
            ("font/ttf", {"fonts": {"version": 1}}, 0),
        ],
    )
    def test_unprocessed_file_of_accepted_type_is_marked(
        self, db: DatabasePorts, media_type: str, result: dict[str, Any], marked: int
    ) -> None:
        finish_file(db, add_uploaded(db), Analysis(detected_type=media_type, result=result))
        assert db.reprocess_queue.mark(CATALOG, None, 10).marked == marked

    def test_file_that_failed_in_older_processor_is_marked(self, db: DatabasePorts) -> None:
        partial = Analysis(detected_type="t", result={"text": {"version": 1}})
        finish_file(db, add_uploaded(db), Failure("c", "m", partial))
        assert db.reprocess_queue.mark(CATALOG, None, 10).marked == 1

    def test_a_file_that_failed_without_an_analysis_is_not_marked(self, db: DatabasePorts) -> None:
        finish_file(db, add_uploaded(db), Failure("c", "m"))
        assert db.reprocess_queue.mark(CATALOG, None, 10) == MarkedBatch(1, 0, ANY)

    def test_unfinished_file_is_not_marked(self, db: DatabasePorts) -> None:
        old = self.add_described(db)
        db.bucket_scan.requeue_by_key(old.object_key)
        assert db.reprocess_queue.mark(CATALOG, None, 10).marked == 0

    def test_marking_continues_after_the_last_id(self, db: DatabasePorts) -> None:
        files = [self.add_described(db) for _ in range(3)]
        first = db.reprocess_queue.mark(CATALOG, None, 2)
        assert (first.examined, first.marked, first.last_id) == (2, 2, files[1].id)
        assert db.reprocess_queue.mark(CATALOG, first.last_id, 2) == MarkedBatch(1, 1, files[2].id)
        assert db.reprocess_queue.mark(CATALOG, files[2].id, 2) == MarkedBatch(0, 0, None)
        assert len(db.reprocess_queue.next_batch(2)) == 2

    def test_next_batch_has_finished_files_until_unmarked(self, db: DatabasePorts) -> None:
        old, deleted = self.add_described(db), self.add_described(db)
        db.reprocess_queue.mark(CATALOG, None, 10)
        db.files.delete_leaving_tombstone(OWNER, deleted.id)
        db.bucket_scan.requeue_by_key(old.object_key)
        assert list(db.reprocess_queue.next_batch(10)) == []
        done = finish_file(db, old, analysis())
        assert list(db.reprocess_queue.next_batch(10)) == [done]
        db.reprocess_queue.unmark(old.id)
        assert list(db.reprocess_queue.next_batch(10)) == []

    def test_file_is_marked_once(self, db: DatabasePorts) -> None:
        self.add_described(db)
        assert db.reprocess_queue.mark(CATALOG, None, 10).marked == 1
        assert db.reprocess_queue.mark(CATALOG, None, 10).marked == 0
