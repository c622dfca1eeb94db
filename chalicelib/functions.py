"""What functions that serve no routes run: a use case, or the migrations, with what the container builds.

Each imports what it runs, which the others don't need, such as Alembic.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib import container

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

    from chalicelib.core.processing.mark_for_reprocessing import MarkResult
    from chalicelib.core.scanning.record_scan import RecordScan


def record_scan(command: "RecordScan | None") -> None:
    """Record a result of GuardDuty, if there is one and the setting asks for it."""
    from chalicelib.core.scanning import record_scan as use_case

    if command is not None and container.scans_in_bucket():
        use_case.record_scan(
            command, scans=container.scans(), storage=container.storage(), metrics=container.metrics()
        )


def mark_for_reprocessing(after: "UUID | None", remaining: "Callable[[], timedelta]") -> "MarkResult":
    """Mark the files for which the processors of this version may find more facts."""
    from chalicelib.core.processing.mark_for_reprocessing import MarkForReprocessing, mark_for_reprocessing

    return mark_for_reprocessing(
        MarkForReprocessing(after),
        queue=container.reprocess_queue(),
        catalog=container.build_processor_catalog(),
        remaining=remaining,
    )


def fetch_signing_keys() -> None:
    """Fetch the issuer's keys and store them in the bucket. Without an issuer, or with pinned keys, do nothing."""
    settings = container.settings()
    if settings.oidc_issuer is None or settings.oidc_jwks:
        return
    from chalicelib.core.accounts.store_signing_keys import StoreSigningKeys, store_signing_keys
    from chalicelib.core.files.object_keys import SIGNING_KEYS_KEY

    store_signing_keys(
        StoreSigningKeys(SIGNING_KEYS_KEY), issuer=container.issuer_keys(), storage=container.storage()
    )


def migrate() -> str:
    """Migrate the database to the newest version and return that version."""
    from chalicelib.migrations import runner

    settings = container.settings()
    return runner.upgrade(settings.migration_database_url or settings.database_url, container.database_auth())
