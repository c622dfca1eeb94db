"""What the tests of the rows share."""

from datetime import timedelta
from typing import Protocol

from chalicelib.adapters.postgres import (
    PostgresBucketScan,
    PostgresFiles,
    PostgresProcessingQueue,
    PostgresReprocessQueue,
    PostgresTombstones,
)
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files, Tombstones
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import ProcessingQueue, ReprocessQueue
from chalicelib.core.sweep.ports import BucketScan
from tests.samples import OWNER, new_file

MINUTE = timedelta(minutes=1)
ALREADY_OVER = timedelta(seconds=-1)
AT_ONCE = timedelta(0)


class Rows(Files, ProcessingQueue, Tombstones, BucketScan, ReprocessQueue, Protocol):
    """All of them."""


class PostgresRows(
    PostgresFiles, PostgresProcessingQueue, PostgresTombstones, PostgresBucketScan, PostgresReprocessQueue
):
    """All of them on one database."""


def uploaded(rows: Rows, name: str = "a.txt", *, size: int = 3, owner: str = OWNER) -> File:
    new = new_file(name, size=size, owner=owner)
    rows.add(new, MINUTE)
    file = rows.mark_uploaded(owner, new.id, "etag")
    assert file is not None
    return file


def claimed(rows: Rows, file: File, lease: timedelta = MINUTE) -> File:
    claim = rows.claim(ObjectRef(file.object_key), lease)
    assert claim is not None
    return claim


def present(rows: Rows, file: File) -> File:
    found = rows.get(file.owner, file.id)
    assert found is not None
    return found
