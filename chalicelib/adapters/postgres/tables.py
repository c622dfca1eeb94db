"""The tables as the migrations leave them (a test compares the two)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chalicelib.core.statuses import Status

metadata = MetaData()

NOW = text("now()")

files = Table(
    "files",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text(collation="C"), nullable=False),
    Column("object_key", Text(collation="C"), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
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
    CheckConstraint("size >= 0", name="files_size_check"),
    CheckConstraint("status IN ({})".format(", ".join(f"'{s}'" for s in Status)), name="files_status_check"),
    CheckConstraint("(status = 'processing') = (lease_until IS NOT NULL)", name="files_lease_check"),
    Index("files_by_time", "owner", "id"),
    Index("files_by_name", "owner", "name", "id"),
    Index("files_by_size", "owner", "size", "id"),
    Index("files_by_status", "owner", "status", "id"),
    Index(
        "files_unfinished",
        "status_since",
        postgresql_where=text("status IN ('awaiting_upload', 'uploaded', 'processing')"),
    ),
)
"""`etag` is of the object that size, checksum and result are about; `changed_to` of the one that an event told of
while a worker was busy with the file; `sequencer` of the newest event. `queued_at` is since when the file waits to
be processed, or last did, `attempts_before` how many attempts there were before that, and `deaths` how many of
its workers died since. A column that came later (0002) may be null in rows of before."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("object_key", Text(collation="C"), primary_key=True),
    Column("file_id", Uuid, nullable=False, index=True),
    Column("owner", Text, nullable=False),
    Column("deleted_at", DateTime(timezone=True), nullable=False, server_default=NOW),
    Column("cleared_at", DateTime(timezone=True)),
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
    Column("detail", JSONB),
    Column("seq", BigInteger),
    Index("history_of_file", "file_id", "id"),
    Index("history_numbered", "owner", "seq", unique=True, postgresql_where=text("seq IS NOT NULL")),
    Index(
        "history_unnumbered",
        "owner",
        "id",
        postgresql_where=text("seq IS NULL AND version IS NOT NULL"),
    ),
)
"""What happened to files. A trigger on `files` (migration 0002) writes a row for each new version; rows without a
version are of what no reader of the file sees, such as an event. `seq` is given by `PostgresHistory.changes`."""

feeds = Table(
    "feeds",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
)

inventory = Table(
    "inventory",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("looked_through_to", Text, nullable=False),
    Column("looked_at", DateTime(timezone=True), nullable=False, server_default=NOW),
)

outdated = Table(
    "outdated",
    metadata,
    Column("file_id", Uuid, ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
)
