"""What the tests of the rows share."""

from datetime import timedelta
from typing import Protocol

from chalicelib.adapters.postgres import (
    PostgresFiles,
    PostgresInventory,
    PostgresOutdated,
    PostgresTombstones,
    PostgresWork,
)
from chalicelib.core.files import File
from chalicelib.core.ports import Files, Inventory, Outdated, Tombstones, Work
from chalicelib.core.s3_events import CreatedObject
from tests.samples import OWNER, new_file

MINUTE = timedelta(minutes=1)
ALREADY_OVER = timedelta(seconds=-1)
AT_ONCE = timedelta(0)


class Rows(Files, Work, Tombstones, Inventory, Outdated, Protocol):
    """All of them."""


class PostgresRows(PostgresFiles, PostgresWork, PostgresTombstones, PostgresInventory, PostgresOutdated):
    """All of them on one database."""


def uploaded(rows: Rows, name: str = "a.txt", *, size: int = 3, owner: str = OWNER) -> File:
    new = new_file(name, size=size, owner=owner)
    rows.add(new, MINUTE)
    file = rows.mark_uploaded(owner, new.id, "etag")
    assert file is not None
    return file


def claimed(rows: Rows, file: File, lease: timedelta = MINUTE) -> File:
    claim = rows.claim(CreatedObject(file.object_key), lease)
    assert claim is not None
    return claim


def present(rows: Rows, file: File) -> File:
    found = rows.get(file.owner, file.id)
    assert found is not None
    return found
