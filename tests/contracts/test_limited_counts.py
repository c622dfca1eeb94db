"""`PostgresFileCounts` with limits that the few files of a test exceed. The fake counts all files."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.file_counts import PostgresFileCounts
from chalicelib.core.administration.model import Count, Precision
from chalicelib.core.files.model import Failure
from chalicelib.core.files.statuses import Status
from tests.database_access import connect_to
from tests.database_ports import (
    AT_ONCE,
    MINUTE,
    DatabasePorts,
    add_processed,
    add_uploaded,
    finish_file,
    postgres_ports,
)

UNREADABLE = Failure("unreadable_image", "It is damaged.")


@pytest.fixture
def ports(database: Database) -> DatabasePorts:
    return postgres_ports(database)


@pytest.fixture
def counts(database: Database) -> PostgresFileCounts:
    return PostgresFileCounts(database, max_counted=2, max_pages=1)


def set_queued_an_hour_ago(database: Database) -> None:
    """Change when the file was queued that waits longest."""
    with connect_to(database) as connection:
        connection.execute(
            text(
                "UPDATE files SET queued_at = now() - interval '1 hour' "
                "WHERE id = (SELECT id FROM files WHERE status = 'uploaded' ORDER BY status_since LIMIT 1)"
            )
        )


def test_counting_ends_at_the_limit(ports: DatabasePorts, counts: PostgresFileCounts, database: Database) -> None:
    for _ in range(3):
        finish_file(ports, add_uploaded(ports), UNREADABLE)
        add_uploaded(ports)
    add_processed(ports)
    by_status = counts.by_status().by_status
    assert by_status[Status.FAILED] == Count(2, Precision.AT_LEAST)
    assert by_status[Status.EXPIRED] == Count(0, Precision.AT_LEAST)  # counted together
    assert by_status[Status.UPLOADED] == Count(2, Precision.AT_LEAST)
    assert by_status[Status.AWAITING_UPLOAD] == Count(0)
    assert by_status[Status.PROCESSED].precision is Precision.ABOUT
    assert counts.late(AT_ONCE, 1).count == Count(2, Precision.AT_LEAST)
    set_queued_an_hour_ago(database)
    assert counts.late(MINUTE, 9).count == Count(1, Precision.AT_LEAST)  # there may be others
    [failure] = counts.failures(timedelta(days=7))
    assert failure.count == Count(2, Precision.AT_LEAST)


def test_some_pages_of_many_are_sampled(ports: DatabasePorts, counts: PostgresFileCounts) -> None:
    for _ in range(60):
        add_uploaded(ports, "x" * 200)
    sample = counts.sample_families()
    assert not sample.is_whole
    assert sum(sample.by_family.values()) <= 60
