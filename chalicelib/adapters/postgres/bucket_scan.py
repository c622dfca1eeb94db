"""The rows against the bucket's listing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Text, Uuid, and_, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.steps import IS_DONE, REOPENED
from chalicelib.adapters.postgres.tables import files, inventory
from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.names import UPLOADS
from chalicelib.core.ports import Comparison, Listing
from chalicelib.core.statuses import Status


class PostgresInventory:
    """Keeps the contract of `chalicelib.core.ports.Inventory`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def position(self, prefix: str) -> str:
        statement = select(inventory.c.looked_through_to).where(inventory.c.prefix == prefix)
        rows = self._database.rows(statement)
        return rows[0].looked_through_to if rows else ""

    def move_to(self, prefix: str, key: str) -> None:
        moved = insert(inventory).values(prefix=prefix, looked_through_to=key)
        self._database.changed(
            moved.on_conflict_do_update(
                index_elements=[inventory.c.prefix],
                set_={"looked_through_to": moved.excluded.looked_through_to, "looked_at": func.now()},
            )
        )

    def compare(self, page: Listing, after: str, settling: timedelta, limit: int) -> Comparison:
        keys = [listed.key for listed in page.objects]
        listed = (
            func.unnest(literal(keys, ARRAY(Text)), literal([listed.etag for listed in page.objects], ARRAY(Text)))
            .table_valued("object_key", "etag")
            .render_derived()
            .alias("listed")
        )
        settled = files.c.status_since < func.now() - settling
        missed = or_(
            and_(IS_DONE, files.c.etag.is_distinct_from(listed.c.etag)),
            and_(files.c.status == Status.FAILED, files.c.error_code == OBJECT_MISSING.code),
            files.c.status.in_([Status.AWAITING_UPLOAD, Status.EXPIRED]),
        )
        unheard_of = (
            select(listed.c.object_key, literal(True).label("listed"))
            .select_from(listed.outerjoin(files, files.c.object_key == listed.c.object_key))
            .where(or_(files.c.id.is_(None), and_(missed, settled)))
        )
        gone = (
            select(files.c.object_key, literal(False))
            .where(
                IS_DONE,
                settled,
                files.c.error_code.is_distinct_from(OBJECT_MISSING.code),
                files.c.object_key > after,
                files.c.object_key.startswith(UPLOADS),
                *([files.c.object_key <= keys[-1]] if page.more else []),
                files.c.object_key.not_in(select(listed.c.object_key)),
            )
            .limit(limit)
        )
        rows = self._database.rows(unheard_of.union_all(gone.subquery().select()))
        return Comparison(
            unheard_of=[row.object_key for row in rows if row.listed],
            gone=[row.object_key for row in rows if not row.listed],
        )

    def strays(self, thumbnails: Mapping[str, UUID]) -> Sequence[str]:
        listed = (
            func.unnest(literal(list(thumbnails), ARRAY(Text)), literal(list(thumbnails.values()), ARRAY(Uuid)))
            .table_valued("object_key", "file_id")
            .render_derived()
            .alias("listed")
        )
        wanted = or_(files.c.thumbnail_key == listed.c.object_key, files.c.status == Status.PROCESSING)
        kept = exists().where(files.c.id == listed.c.file_id, wanted)
        return [row.object_key for row in self._database.rows(select(listed.c.object_key).where(~kept))]

    def recheck(self, object_key: str) -> None:
        self._database.changed(update(files).where(files.c.object_key == object_key, IS_DONE).values(REOPENED))
