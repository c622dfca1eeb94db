"""Lists of many files of one owner: what PostgreSQL reads, and how many rows."""

import os
from collections.abc import Iterator
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from psycopg2.extras import execute_values
from sqlalchemy import Connection, text

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.file_search import READ_PER_FILE
from chalicelib.adapters.postgres.files import PostgresFiles
from chalicelib.adapters.postgres.search_columns import terms_literal
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import ListQuery, Order, Position
from chalicelib.core.files.list_files import sort_key
from chalicelib.core.files.search_terms import file_terms, owner_word
from chalicelib.core.files.statuses import Status
from chalicelib.migrations import runner
from tests.conftest import empty_database
from tests.database_access import connect_to_url
from tests.query_plans import Plan, all_nodes, explain, index_entries_read, rows_read, scans_of_files

FILES = int(os.environ.get("LISTED_FILES", "50000"))
"""Of one owner. It was tried with a million, which take a minute to make; the numbers of rows hold for any."""

OWNER = "everyone"
SMALL_OWNER = "small"
FILES_OF_SMALL_OWNER = 1000

KINDS = {
    "photo": "image/jpeg",
    "img": "image/png",
    "scan": "image/tiff",
    "mail": "message/rfc822",
    "note": "text/plain",
    "data": "text/csv",
    "clip": "video/mp4",
    "song": "audio/mpeg",
}
NUMBERS = 500
"""How many different names each kind has."""

INDEXES = (
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'files' AND indexname NOT LIKE 'files\\_%key'"
)

ADD = text(
    """
    INSERT INTO files (
        id, owner, name, object_key, size, status, uploaded_at, processed_at, detected_type, mismatch, metadata,
        search_name, search_terms, search_words
    )
    SELECT gen_random_uuid(), :owner, names.name, 'uploads/' || :owner || n, CAST(n AS bigint) * 7919 % 1000003,
        CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'processed' END, now() - n * interval '1 s', now(), names.type,
        n % 500 = 3, CASE WHEN n % 4 = 0 THEN jsonb_build_object('order', (n / 40)::text, 'stage', 'prod') END,
        names.name, names.terms,
        CASE WHEN n % 5000 = 0 THEN '''annual'' ''report'''::tsvector || CAST(:owner_word AS tsvector)
            WHEN n % 20 = 0 THEN '''report'''::tsvector || CAST(:owner_word AS tsvector) END
    FROM generate_series(1, :count) AS n
    JOIN names ON names.id = (n % 8) * 500 + n / 8 % 500
    """
)


def add_names(connection: Connection, owner: str) -> None:
    """Make a table of the names, with the terms of files that have them."""
    connection.execute(text("CREATE TEMPORARY TABLE names (id integer, name text, type text, terms integer[])"))
    rows = []
    for kind, (word, media_type) in enumerate(KINDS.items()):
        for number in range(NUMBERS):
            name = f"{word} {number}"
            rows.append(
                (kind * NUMBERS + number, name, media_type, terms_literal(file_terms(owner, name, media_type)))
            )
    execute_values(connection.connection.cursor(), "INSERT INTO names VALUES %s", rows)


def add_files(connection: Connection, owner: str, count: int) -> None:
    add_names(connection, owner)
    values = {"owner": owner, "count": count, "owner_word": f"'{owner_word(owner)}'"}
    connection.execute(ADD, values)
    connection.execute(text("DROP TABLE names"))


@pytest.fixture(scope="module")
def files(postgres_url: str) -> Iterator[PostgresFiles]:
    with empty_database(postgres_url) as url:
        runner.upgrade(url)
        with connect_to_url(url) as connection:
            connection.execute(text("SET maintenance_work_mem = '256MB'"))
            connection.execute(text("SET synchronous_commit = off"))
            connection.execute(text("ALTER TABLE files DISABLE TRIGGER USER"))
            indexes = connection.execute(text(INDEXES)).all()
            for index in indexes:
                connection.execute(text(f"DROP INDEX {index.indexname}"))
            add_files(connection, OWNER, FILES)
            add_files(connection, SMALL_OWNER, FILES_OF_SMALL_OWNER)
            for index in indexes:
                connection.exec_driver_sql(index.indexdef)
            connection.execute(text("VACUUM (ANALYZE) files"))
        database = Database(url)
        files = PostgresFiles(database)
        files.list(OWNER, ListQuery(name_contains="photo"))  # reads the statistics
        yield files
        database.close()


def plan_of(files: PostgresFiles, owners: Owners, query: ListQuery) -> tuple[int, Plan]:
    """Return how many files the page has, and the plan of its statement."""
    listing, plan = explain(files._database, lambda: files.list(owners, query))
    return len(listing.files) + listing.has_more, plan


LIMIT = 20

FILTERS: dict[str, dict[str, Any]] = {
    "failed": {"status": Status.FAILED},
    "processed": {"status": Status.PROCESSED},
    "waiting": {"status": Status.UPLOADED},
    "type": {"type": "image/png"},
    "no type": {"type": "image/none"},
    "family": {"type": "image/*"},
    "no family": {"type": "none/*"},
    "mismatched": {"mismatch": True},
    "matching": {"mismatch": False},
    "common part": {"name_contains": "PHOTO"},
    "rare part": {"name_contains": "photo 123"},
    "two characters": {"name_contains": "ph"},
    "one character": {"name_contains": "p"},
    "no part": {"name_contains": "zzz"},
    "no character": {"name_contains": "%"},
    "common word": {"text": "report"},
    "rare word": {"text": "annual report"},
    "no word": {"text": "none"},
    "common metadata": {"metadata": {"stage": "prod"}},
    "rare metadata": {"metadata": {"order": "7"}},
    "no metadata": {"metadata": {"order": "x"}},
}


IN_SQL = {
    "failed": "status = 'failed'",
    "processed": "status = 'processed'",
    "type": "detected_type = 'image/png'",
    "no type": "false",
    "family": "detected_type LIKE 'image/%%'",
    "mismatched": "mismatch",
    "common part": "name LIKE '%%photo%%'",
    "rare part": "name LIKE '%%photo 123%%'",
    "no part": "false",
    "two characters": "name LIKE '%%ph%%'",
    "one character": "name LIKE '%%p%%'",
    "common word": "search_words IS NOT NULL",
    "rare word": "search_words @@ 'annual'",
    "common metadata": "metadata IS NOT NULL",
    "rare metadata": """metadata @> '{"order": "7"}'""",
    "no metadata": "false",
}
"""Some of the filters, as conditions by which all matches can be counted."""

FREQUENT = ("common word", "common part", "two characters", "one character")
"""Filters that many files pass. In the order of names these come late, as names do that begin alike."""

IN_PAIRS = [name for name in IN_SQL if name not in {"two characters", "one character"}]

FETCHED = LIMIT + 1
WALKED = READ_PER_FILE * FETCHED


def count_matches(files: PostgresFiles, *filters: str) -> int:
    """Return how many of all files pass the filters."""
    conditions = " AND ".join(IN_SQL[name] for name in filters)
    [[count]] = files._database.read(f"SELECT count(*) FROM files WHERE {conditions}")  # noqa: S608  # no input
    return int(count)


def check_plan(files: PostgresFiles, owners: Owners, query: ListQuery) -> tuple[int, int]:
    """Return how many files the page has and how many rows it took. No list reads the whole table."""
    returned, plan = plan_of(files, owners, query)
    assert all(node["Node Type"] != "Seq Scan" for node in scans_of_files(plan)), query
    return returned, rows_read(plan)


@pytest.mark.parametrize("owners", [OWNER, SMALL_OWNER, AllOwners.ALL])
def test_one_filter_reads_ten_rows_for_each_file_or_a_limited_number(files: PostgresFiles, owners: Owners) -> None:
    for name, filters in {"none": {}, **FILTERS}.items():
        for order in Order:
            returned, read = check_plan(files, owners, ListQuery(limit=LIMIT, order=order, **filters))
            if read <= 10 * returned:
                continue
            if name in FREQUENT:
                assert read <= WALKED + FETCHED + count_matches(files, name), (name, order)
            elif name == "common metadata":  # PostgreSQL chooses, by its statistics of single values
                assert read <= FETCHED + count_matches(files, "processed"), (name, order)
            else:
                assert name in {"rare part", "rare word"}, (name, order)
                assert read <= FETCHED + count_matches(files, name), (name, order)


@pytest.mark.parametrize("order", [Order.NEWEST, Order.NAME])
@pytest.mark.parametrize("owners", [OWNER, AllOwners.ALL])
def test_two_filters_read_a_limited_number_of_rows_and_the_matches(
    files: PostgresFiles, owners: Owners, order: Order
) -> None:
    for one, other in combinations(IN_PAIRS, 2):
        filters = FILTERS[one] | FILTERS[other]
        if len(filters) == 1:
            continue  # two values of one filter
        _, read = check_plan(files, owners, ListQuery(limit=LIMIT, order=order, **filters))
        if read <= WALKED + FETCHED:
            continue
        counts = count_matches(files, one), count_matches(files, other)
        if "metadata" in filters:  # of all owners, or as PostgreSQL chooses
            expected = max(counts)
        elif {"name_contains", "type"} == filters.keys():  # one index has both
            expected = count_matches(files, one, other)
        else:
            expected = min(counts)
        assert read <= WALKED + FETCHED + expected, (one, other)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("owners", [OWNER, AllOwners.ALL])
def test_two_pages_have_the_files_that_comparing_all_of_them_finds(
    files: PostgresFiles, owners: Owners, order: Order
) -> None:
    """However PostgreSQL reads them."""
    pairs = [pair for pair in combinations(IN_PAIRS, 2) if len(FILTERS[pair[0]] | FILTERS[pair[1]]) > 1]
    for names in [(name,) for name in IN_SQL] + pairs[len(order) % 4 :: 4]:
        filters = {key: value for name in names for key, value in FILTERS[name].items()}
        query = ListQuery(limit=LIMIT, order=order, **filters)
        first = files.list(owners, query).files
        found = [file.id for file in first]
        if len(first) == LIMIT:
            after = Position(order, sort_key(order, first[-1]), first[-1].id)
            found += [file.id for file in files.list(owners, replace(query, after=after)).files]
        direction = "DESC" if order.descending else "ASC"
        conditions = " AND ".join(IN_SQL[name] for name in names)
        if owners == OWNER:
            conditions += f" AND owner = '{OWNER}'"
        rows = files._database.read(
            f"SELECT id FROM files WHERE {conditions} "  # noqa: S608  # no input
            f"ORDER BY {order.key} {direction}, id {direction} LIMIT {2 * LIMIT}"
        )
        assert found == [row.id for row in rows], (names, order)


@pytest.mark.parametrize("name", ["none", "type", "family", "common part"])
@pytest.mark.parametrize("order", Order)
def test_a_late_page_reads_as_many_rows_as_the_first(files: PostgresFiles, order: Order, name: str) -> None:
    """A page that begins in the middle of the list."""
    middle = f"SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY {order.key}) FROM files"  # noqa: S608  # no input
    [[value]] = files._database.read(f"{middle} WHERE {IN_SQL.get(name, 'true')}")
    position = Position(order, value.isoformat() if order.key == "uploaded_at" else value, UUID(int=0))
    for after in (None, position):
        query = ListQuery(limit=LIMIT, order=order, after=after, **FILTERS.get(name, {}))
        returned, read = check_plan(files, OWNER, query)
        assert returned == FETCHED
        assert read <= 10 * FETCHED


@pytest.mark.parametrize("owners", [OWNER, AllOwners.ALL])
def test_a_frequent_part_of_a_name_is_looked_for_in_an_index(files: PostgresFiles, owners: Owners) -> None:
    for order in (Order.NEWEST, Order.OLDEST, Order.NAME, Order.NAME_DESCENDING):
        returned, plan = plan_of(files, owners, ListQuery(limit=LIMIT, order=order, name_contains="photo"))
        assert (returned, rows_read(plan)) == (FETCHED, FETCHED)
        if order.key == "uploaded_at" or owners == OWNER:
            assert index_entries_read(plan) <= 20 * FETCHED


@pytest.mark.parametrize(
    ("order", "last", "returned"),
    [
        (Order.NAME, "img 300", FETCHED),
        (Order.NAME_DESCENDING, "song 300", FETCHED),
        (Order.NAME_DESCENDING, "img 300", 0),
    ],
)
def test_names_that_begin_alike_and_do_not_match_are_left_out(
    files: PostgresFiles, order: Order, last: str, returned: int
) -> None:
    query = ListQuery(limit=LIMIT, order=order, name_contains="photo", after=Position(order, last, UUID(int=0)))
    found, plan = plan_of(files, OWNER, query)
    assert found == returned
    assert index_entries_read(plan) <= 20 * FETCHED


@pytest.mark.parametrize("order", Order)
def test_two_frequent_filters_without_a_common_match_are_tried_with_few_rows(
    files: PostgresFiles, order: Order
) -> None:
    returned, plan = plan_of(
        files, OWNER, ListQuery(limit=LIMIT, order=order, name_contains="photo", type="image/png")
    )
    assert returned == 0
    assert rows_read(plan) <= 20 * FETCHED


def test_a_rare_part_reads_few_pages_of_the_index_of_terms(files: PostgresFiles) -> None:
    """Not those of its frequent terms, nor those of the owner's."""
    _, plan = plan_of(files, OWNER, ListQuery(limit=LIMIT, name_contains="photo 123"))
    [scan] = [node for node in all_nodes(plan) if node.get("Index Name") == "files_by_terms"]
    assert scan["Shared Hit Blocks"] + scan["Shared Read Blocks"] <= 20
