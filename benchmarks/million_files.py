"""A database whose table `files` has a million rows of one owner."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.environments import REPOSITORY, made_once
from benchmarks.postgres_cursor import open_cursor
from chalicelib.adapters.postgres.search_columns import search_columns
from chalicelib.core.files.search_terms import normalize_text
from chalicelib.migrations import runner
from chalicelib.settings.parsers import parse_database_url
from emulator.postgres import EmbeddedPostgres

ADD = """
INSERT INTO made (
    id, owner, name, object_key, size, declared_type, detected_type, checksum_algorithm, checksum_value, status,
    status_since, attempts, version, created_at, uploaded_at, queued_at, processed_at, result, etag, sequencer,
    thumbnail_key, mismatch, metadata
)
SELECT
    id, 'everyone', name, 'uploads/' || id || '/' || name, 1000 + hash % 5000000, type, type, 'sha256',
    md5(name) || md5(id::text), CASE WHEN hash % 100 = 7 THEN 'failed' ELSE 'processed' END, at, 1, 4, at, at, at,
    at + interval '1 s', result, md5(name), to_hex(n),
    CASE WHEN kind < 2 THEN 'derived/' || id || '/thumbnail' END,
    false, CASE WHEN n % 10 = 0 THEN jsonb_build_object('order', (n / 10)::text) END
FROM (
    SELECT n, kind, hash,
        ('01930000-' || lpad(to_hex(n / 65536), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-'
            || lpad(to_hex(n), 12, '0'))::uuid AS id,
        '2026-01-01Z'::timestamptz + n * interval '20 s' AS at,
        (ARRAY['photo', 'screenshot', 'invoice', 'notes', 'table', 'backup', 'film', 'data'])[kind + 1]
            || ' ' || substr(md5(n::text), 1, 8) || ' ' || n
            || (ARRAY['.jpg', '.png', '.pdf', '.txt', '.csv', '.zip', '.mp4', '.bin'])[kind + 1] AS name,
        (ARRAY['image/jpeg', 'image/png', 'application/pdf', 'text/plain', 'text/csv', 'application/zip',
            'video/mp4', 'application/octet-stream'])[kind + 1] AS type,
        (ARRAY[
            '{"image": {"version": 5, "width": 4032, "height": 3024, "format": "JPEG", "frames": 1}}',
            '{"image": {"version": 5, "width": 1920, "height": 1080, "format": "PNG", "frames": 1}}',
            '{"pdf": {"version": 3, "pages": 3, "title": "Invoice", "encrypted": false}}',
            '{"text": {"version": 4, "encoding": "utf-8", "lines": 120, "words": 900, "preview": "Some notes"}}',
            '{"csv": {"version": 3, "delimiter": ",", "rows": 200, "columns": [{"name": "a", "type": "text"}]}}',
            '{"archive": {"version": 3, "entries": 12, "bytes": 123456}}',
            '{"media": {"version": 3, "duration": 61.5, "width": 1920, "height": 1080, "codec": "AVC"}}',
            '{"unknown": {"version": 1}}'
        ]::jsonb[])[kind + 1] AS result
    FROM (
        SELECT n, n % 8 AS kind, ('x' || substr(md5(n::text), 1, 7))::bit(28)::int AS hash
        FROM generate_series(1, 1000000) AS n
    ) AS numbers
) AS rows
"""
"""Eight kinds of files in turn: an eighth are photos. `made` has the columns of `files`."""

STORE = """
UPDATE made SET search_name = computed.search_name, search_terms = computed.search_terms::integer[],
    search_words = computed.search_words::tsvector, search_version = made.version
FROM computed WHERE computed.id = made.id
"""

BATCH = 20_000

INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = 'files'::regclass AND NOT indisunique
"""


@contextmanager
def running_million_files() -> Iterator[EmbeddedPostgres]:
    """Run PostgreSQL with the million files, migrated to the newest version. Making them takes minutes, once."""
    terms = REPOSITORY / "chalicelib" / "core" / "files" / "search_terms.py"
    directory = made_once("million", terms, ADD, STORE, make=_make)
    with _running_migrated(directory) as server:
        yield server


@contextmanager
def _running_migrated(directory: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(directory) as server:
        runner.upgrade(parse_database_url("DATABASE_URL", server.url))
        yield server


def _make(directory: Path) -> None:
    with _running_migrated(directory) as server, open_cursor(server.url) as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SET session_replication_role = replica")  # no triggers
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        # In an unlogged table first: computing takes two versions of each row, and the log would have both.
        cursor.execute("CREATE UNLOGGED TABLE made (LIKE files INCLUDING DEFAULTS)")
        cursor.execute(ADD)
        _add_search_columns(cursor)
        cursor.execute("INSERT INTO files SELECT * FROM made ORDER BY id")
        cursor.execute("DROP TABLE made")
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM (ANALYZE) files")
        cursor.execute("CHECKPOINT")


def _add_search_columns(cursor: Any) -> None:
    """Store what the files are found by, which only Python computes."""
    cursor.execute(
        "CREATE UNLOGGED TABLE computed (id uuid, search_name text, search_terms text, search_words text)"
    )
    cursor.execute("SELECT id, name, detected_type, result FROM made")
    rows = iter(cursor.fetchall())
    while batch := list(islice(rows, BATCH)):
        lines = []
        for file_id, name, detected_type, result in batch:
            found_by = search_columns("everyone", name, detected_type, result)
            words = found_by["search_words"]
            columns = [file_id, normalize_text(name), found_by["search_terms"], "\\N" if words is None else words]
            lines.append("\t".join(columns))
        cursor.copy_expert("COPY computed FROM STDIN", io.StringIO("\n".join(lines)))
    cursor.execute(STORE)
    cursor.execute("DROP TABLE computed")
