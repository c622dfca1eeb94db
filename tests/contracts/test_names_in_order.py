"""Searches in the order of names, on PostgreSQL, where the statistics know of no match.

Names that begin alike are left out if no file has their terms and those of what is searched for.
"""

import pytest

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.files import PostgresFiles
from chalicelib.adapters.postgres.search_statistics import SearchStatistics
from chalicelib.core.files.file_list import ListQuery, Order, Position
from chalicelib.core.files.search_terms import name_terms
from tests.database_ports import DatabasePorts, add_processed, add_uploaded, postgres_ports
from tests.samples import OTHER_OWNER, OWNER

STATISTICS = SearchStatistics(
    {("search_terms", str(term)): 0.2 for term in name_terms("photo")}, ["Data 1", "Data 9", "text 1", "text 9"]
)
"""Matches are frequent, and no name that begins with "Data " or "text " has any."""


class StatisticsReader:
    def read(self) -> SearchStatistics:
        return STATISTICS


@pytest.fixture
def ports(database: Database) -> DatabasePorts:
    ports = postgres_ports(database)
    assert isinstance(ports.files, PostgresFiles)
    ports.files.__dict__["_statistics"] = StatisticsReader()
    return ports


def found(ports: DatabasePorts, order: Order) -> list[str]:
    """Return the names of all pages."""
    names: list[str] = []
    query = ListQuery(name_contains="PHOTO", order=order, limit=1)
    while True:
        listing = ports.files.list(OWNER, query)
        names += [file.name for file in listing.files]
        if not listing.has_more:
            return names
        last = listing.files[-1]
        query = ListQuery(name_contains="PHOTO", order=order, limit=1, after=Position(order, last.name, last.id))


@pytest.mark.parametrize("order", [Order.NAME, Order.NAME_DESCENDING])
def test_no_match_is_left_out(ports: DatabasePorts, order: Order) -> None:
    matches = ["A photo", "Data of a phóto", "Data: photo", "text photo"]
    for name in (*matches, "Data 2", "text 7", "text: oto hot pho"):
        add_processed(ports, name)
    add_processed(ports, "Data photo", owner=OTHER_OWNER)
    matches.insert(1, add_uploaded(ports, "Data Photo without terms").name)
    assert found(ports, order) == (matches[::-1] if order.descending else matches)


@pytest.mark.parametrize("order", [Order.NAME, Order.NAME_DESCENDING])
def test_names_that_have_only_the_terms_are_no_match(ports: DatabasePorts, order: Order) -> None:
    add_processed(ports, "Data oto hot pho")
    add_processed(ports, "Data photo", owner=OTHER_OWNER)
    assert found(ports, order) == []
