"""The composition root: settings, adapters and what is made of them, built when first needed and kept for as
long as the container lives.

Each adapter is imported by the function that builds it, so that a route that only reads rows doesn't pay for
importing boto3, nor anything for Alembic.
"""

import os
from functools import cache
from typing import TYPE_CHECKING

from chalicelib import settings as settings_module

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from uuid import UUID

    from chalicelib.adapters.iam import RoleLogin
    from chalicelib.adapters.postgres import (
        Database,
        PostgresFiles,
        PostgresHistory,
        PostgresOutdated,
        PostgresTombstones,
        PostgresWork,
    )
    from chalicelib.adapters.s3 import S3Storage
    from chalicelib.adapters.telemetry import EmfMetrics
    from chalicelib.core.outdating import Outdating
    from chalicelib.core.processing.process_file import Worker
    from chalicelib.core.sweeping import Sweep


@cache
def settings() -> settings_module.Settings:
    return settings_module.from_environ(os.environ)


def log_as_json() -> None:
    """Write this process's log as JSON lines, from the setting's level on."""
    from chalicelib.adapters import telemetry

    telemetry.log_as_json(settings().log_level)


@cache
def metrics() -> "EmfMetrics":
    from chalicelib.adapters.telemetry import EmfMetrics

    return EmfMetrics(settings().stage)


@cache
def database() -> "Database":
    from chalicelib.adapters.postgres import Database

    return Database(settings().database_url, settings().database_connections, login())


@cache
def login() -> "RoleLogin | None":
    """What logs in with the function's role, where the database's URL holds no password."""
    if not settings().database_iam:
        return None
    from chalicelib.adapters.iam import RoleLogin

    return RoleLogin()


@cache
def files() -> "PostgresFiles":
    from chalicelib.adapters.postgres import PostgresFiles

    return PostgresFiles(database())


@cache
def tombstones() -> "PostgresTombstones":
    from chalicelib.adapters.postgres import PostgresTombstones

    return PostgresTombstones(database())


def storage() -> "S3Storage":
    return _storage_at(settings().aws_endpoint_url)


def storage_for_clients_of(public_url: str) -> "S3Storage":
    """Return the storage whose presigned URLs hold S3's address as these clients know it."""
    addresses = dict(zip(settings().public_urls, settings().s3_public_urls, strict=False))
    return _storage_at(addresses.get(public_url, settings().aws_endpoint_url))


@cache
def _storage_at(endpoint_url: str | None) -> "S3Storage":
    from chalicelib.adapters.s3 import S3Storage

    return S3Storage(settings().bucket, endpoint_url)


@cache
def history() -> "PostgresHistory":
    from chalicelib.adapters.postgres import PostgresHistory

    return PostgresHistory(database())


@cache
def work() -> "PostgresWork":
    from chalicelib.adapters.postgres import PostgresWork

    return PostgresWork(database())


@cache
def worker() -> "Worker":
    from chalicelib.core.processing.analysis import Describer, Processors
    from chalicelib.core.processing.process_file import Worker
    from chalicelib.processors.registry import describe, identify

    describer = Describer(storage(), Processors(describe, identify), settings().max_checksum_bytes)
    return Worker(work(), storage(), describer, metrics(), adopter=settings().default_owner)


def outdated() -> "PostgresOutdated":
    from chalicelib.adapters.postgres import PostgresOutdated

    return PostgresOutdated(database())


def mark_files_for_reprocessing(after: "UUID | None", remaining: "Callable[[], timedelta]") -> "Outdating":
    """Mark the files of which the processors of today may tell more."""
    from chalicelib.core import outdating
    from chalicelib.core.ports import Present
    from chalicelib.processors.registry import types, versions

    return outdating.mark_files_for_reprocessing(outdated(), Present(versions(), types()), remaining, after)


def sweep(remaining: "Callable[[], timedelta]") -> "Sweep":
    """Return a sweep that ends before the time that remains is over."""
    from chalicelib.adapters.postgres import PostgresInventory
    from chalicelib.core.reconciling import SETTLES_IN, Reconciliation
    from chalicelib.core.sweeping import Sweep

    waiting = settings().sweep_grace
    reconciliation = Reconciliation(worker(), PostgresInventory(database()), settling=SETTLES_IN * waiting)
    return Sweep(worker(), tombstones(), reconciliation, outdated(), remaining, waiting)


def migrate() -> str:
    """Bring the database to the newest version and return that version."""
    from chalicelib.migrations import runner

    return runner.upgrade(settings().database_url, login())


def forget() -> None:
    """Build everything anew on the next use: for tests, which change the environment."""
    caches = (settings, metrics, login, database, files, tombstones, history, work, _storage_at, worker)
    for cached in caches:
        cached.cache_clear()
