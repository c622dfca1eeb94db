"""The tables as the migrations leave them (a test compares the two).

Some have names, or columns with names, that the code has better ones for (docs/decisions/0014-column-names.md).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from chalicelib.core.files.file_list import UNKNOWN_SIZE
from chalicelib.core.files.statuses import Status

metadata = MetaData()

NOW = text("now()")
NO_LEASE = text("'-infinity'")

LISTED_AT = text("coalesce(uploaded_at, created_at)")
LISTED_SIZE = text(f"coalesce(size, {UNKNOWN_SIZE})")
"""What lists are sorted by (`chalicelib.core.files.file_list.Order`)."""

OWNED_METADATA = "jsonb_set('{}'::jsonb, ARRAY[owner], metadata)"
"""The metadata below its owner, so that an entry of the index is of an owner, a key and a value."""

FAMILY = text("split_part(detected_type, '/', 1)")
HAS_TYPE = text("detected_type IS NOT NULL")
ENDED_BADLY = text("status IN ('failed', 'rejected', 'expired')")

SHORT_PENDING_LIST = {"gin_pending_list_limit": "256"}
"""KiB of new entries that an index keeps unsorted, which makes writing cheap. Every search reads all of them."""

CHECKED_AT = text("coalesce(check_at, expires_at)")
SCAN_CHECKED_AT = text("coalesce(scan_check_at, processed_at)")

files = Table(
    "files",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text(collation="C"), nullable=False),
    Column("object_key", Text(collation="C"), nullable=False, unique=True),
    Column("size", BigInteger),
    Column("declared_type", Text),
    Column("detected_type", Text),
    Column("checksum_algorithm", Text),
    Column("checksum_value", Text),
    Column("status", Text, nullable=False),
    Column("status_since", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("lease_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("expires_at", DateTime(timezone=True)),
    Column("uploaded_at", DateTime(timezone=True)),
    Column("processed_at", DateTime(timezone=True)),
    Column("result", JSONB),
    Column("error_code", Text),
    Column("error_message", Text),
    Column("etag", Text),
    Column("changed_to", Text),
    Column("sequencer", Text(collation="C")),
    Column("queued_at", DateTime(timezone=True)),
    Column("attempts_before", Integer, nullable=False, server_default=text("0")),
    Column("thumbnail_key", Text),
    Column("deaths", Integer, nullable=False, server_default=text("0")),
    Column("mismatch", Boolean),
    Column("mismatch_version", Integer),
    Column("metadata", JSONB(none_as_null=True)),
    Column("multipart_upload_id", Text),
    Column("part_size", BigInteger),
    Column("idempotency_key", Text),
    Column("request_digest", Text),
    Column("check_at", DateTime(timezone=True)),
    Column("scan_verdict", Text),
    Column("scanned_at", DateTime(timezone=True)),
    Column("scan_etag", Text),
    Column("scan_check_at", DateTime(timezone=True)),
    Column("search_name", Text(collation="C")),
    Column("search_terms", ARRAY(Integer)),
    Column("search_words", TSVECTOR),
    Column("search_version", Integer),
    CheckConstraint("size >= 0", name="files_size_check"),
    CheckConstraint("status IN ({})".format(", ".join(f"'{s}'" for s in Status)), name="files_status_check"),
    CheckConstraint("(status = 'processing') = (lease_until IS NOT NULL)", name="files_lease_check"),
    Index(
        "files_in_order_of_time",
        "owner",
        LISTED_AT,
        "id",
        postgresql_include=["uploaded_at", "created_at", "search_name"],
    ),
    Index("files_in_order_of_name", "owner", "name", "id", postgresql_include=["search_name"]),
    Index("files_listed_by_size", "owner", LISTED_SIZE, "id"),
    Index("files_listed_by_status", "owner", "status", LISTED_AT, "id"),
    Index("files_of_type_by_time", "owner", "detected_type", LISTED_AT, "id", postgresql_where=HAS_TYPE),
    Index("files_of_type_by_name", "owner", "detected_type", "name", "id", postgresql_where=HAS_TYPE),
    Index("files_of_type_by_size", "owner", "detected_type", LISTED_SIZE, "id", postgresql_where=HAS_TYPE),
    Index("files_of_family_by_time", "owner", FAMILY, LISTED_AT, "id", postgresql_where=HAS_TYPE),
    Index("files_of_family_by_name", "owner", FAMILY, "name", "id", postgresql_where=HAS_TYPE),
    Index("files_of_family_by_size", "owner", FAMILY, LISTED_SIZE, "id", postgresql_where=HAS_TYPE),
    Index("files_mismatched", "owner", LISTED_AT, "id", postgresql_where=text("mismatch")),
    Index("files_mismatched_by_name", "owner", "name", "id", postgresql_where=text("mismatch")),
    Index("files_mismatched_by_size", "owner", LISTED_SIZE, "id", postgresql_where=text("mismatch")),
    Index(
        "files_ended_badly_by_time",
        "processed_at",
        postgresql_include=["status", "error_code"],
        postgresql_where=ENDED_BADLY,
    ),
    Index("files_ended_badly_by_name", "owner", "status", "name", "id", postgresql_where=ENDED_BADLY),
    Index("files_ended_badly_by_size", "owner", "status", LISTED_SIZE, "id", postgresql_where=ENDED_BADLY),
    Index("files_without_terms", "owner", "id", postgresql_where=text("search_terms IS NULL")),
    Index(
        "files_by_terms",
        "search_terms",
        postgresql_using="gin",
        postgresql_where=text("search_terms IS NOT NULL"),
        postgresql_with=SHORT_PENDING_LIST,
    ),
    Index(
        "files_by_words",
        "search_words",
        postgresql_using="gin",
        postgresql_where=text("search_words IS NOT NULL"),
        postgresql_with=SHORT_PENDING_LIST,
    ),
    Index(
        "files_by_metadata",
        literal_column(OWNED_METADATA).label("owned_metadata"),
        postgresql_using="gin",
        postgresql_ops={"owned_metadata": "jsonb_path_ops"},
        postgresql_with={"fastupdate": "off"},
    ),
    Index(
        "files_without_mismatch",
        "id",
        postgresql_where=text("mismatch IS NULL AND status IN ('processed', 'failed')"),
    ),
    Index("files_queued", "status_since", postgresql_where=text("status IN ('uploaded', 'processing')")),
    Index("files_awaiting_upload", CHECKED_AT, postgresql_where=text("status = 'awaiting_upload'")),
    Index(
        "files_without_verdict",
        SCAN_CHECKED_AT,
        postgresql_where=text("status IN ('processed', 'failed') AND scan_etag IS DISTINCT FROM etag"),
    ),
    Index(
        "files_idempotent",
        "owner",
        "idempotency_key",
        unique=True,
        postgresql_where=text("idempotency_key IS NOT NULL"),
    ),
)
"""`etag` is of the object that size, checksum and result are about; `changed_to` of the one that an event reported
while a worker held the lease; `sequencer` of the newest event. `queued_at` is when the file was last queued for
processing, `attempts_before` how many attempts there were before that, and `deaths` how many of its workers died
since. Only code from before 0014 writes `mismatch_version`.
`multipart_upload_id` is S3's, and `part_size` null where the client chooses it. `request_digest` is of the request
that `idempotency_key` came with. `check_at` is when the sweep looks at an upload that awaits its bytes, at
`expires_at` at the latest. `scan_etag` is of the object that `scan_verdict` is about, and `scan_check_at` when the
sweep looks for a verdict that is missing. `metadata` is null where there is none.
`search_name` is the normalized name, `search_terms` and `search_words` are what the file is found by
(`chalicelib.core.files.search_terms`), and `search_version` is the version with which they were stored: a trigger
(0013) clears them when code that doesn't know them changes the name or the result. A column that was added
later may be null in older rows."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("object_key", Text(collation="C"), primary_key=True),
    Column("file_id", Uuid, nullable=False, index=True),
    Column("owner", Text, nullable=False),
    Column("deleted_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("cleared_at", DateTime(timezone=True)),
    Column("multipart_upload_id", Text),
    Index("tombstones_uncleared", "deleted_at", postgresql_where=text("cleared_at IS NULL")),
)

history = Table(
    "history",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("file_id", Uuid, nullable=False),
    Column("owner", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
    Column("kind", Text, nullable=False),
    Column("status", Text),
    Column("version", Integer),
    Column("attempts", Integer),
    Column("error_code", Text),
    Column("mismatch", Boolean),
    Column("detail", JSONB),
    Column("seq", BigInteger),
    Column("metadata", JSONB),
    Column("newer_type", Text),
    Column("verdict", Text),
    Index("history_of_file", "file_id", "id"),
    Index("history_numbered", "owner", "seq", unique=True, postgresql_where=text("seq IS NOT NULL")),
    Index(
        "history_unnumbered",
        "owner",
        "id",
        postgresql_where=text("seq IS NULL AND version IS NOT NULL"),
    ),
)
"""What happened to files. A trigger on `files` (migration 0002) inserts a row for each new version. A row without
a version is of something that clients don't see in the file, such as an event. `PostgresHistory.changes` assigns
`seq`. `verdict` is about the object that the file had then. `newer_type` is the type of an entry where the code
before it doesn't know that type, otherwise null."""

feeds = Table(
    "feeds",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
)

bucket_scans = Table(
    "inventory",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("looked_through_to", Text, nullable=False),
    Column("looked_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

last_sweep = Table(
    "last_sweep",
    metadata,
    Column("is_last", Boolean, primary_key=True),
    Column("finished_at", DateTime(timezone=True), nullable=False),
    Column("duration", Interval, nullable=False),
    Column("ended", Text, nullable=False),
    Column("outcomes", JSONB, nullable=False),
    CheckConstraint("is_last", name="last_sweep_check"),
)
"""One row at most."""

long_poll_slots = Table(
    "long_poll_slots",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("leased_until", DateTime(timezone=True), nullable=False, server_default=NO_LEASE),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("expires_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Index("tokens_of_owner", "owner", "id"),
)

reprocess_marks = Table(
    "outdated",
    metadata,
    Column("file_id", Uuid, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
)

usage = Table(
    "usage",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("files", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("files_today", BigInteger, nullable=False),
    Column("bytes_today", BigInteger, nullable=False),
)
"""What each owner has stored, and has added on `day` (UTC). Triggers on `files` (migration 0011) keep it. An owner
who never had a file may have no row."""

request_rates = Table(
    "request_rates",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("full_at", DateTime(timezone=True), nullable=False),
    prefixes=["UNLOGGED"],
)
"""When each owner may make all the requests of a minute again, if there is none until then."""
