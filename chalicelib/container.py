"""The composition root: builds the settings, the adapters and what needs them, each when first used.

A function named by a noun returns what it builds, which is kept until `reset`; one whose name begins with `build`
builds it anew at each call.

Threads may call all of them at once: each thing is built by one thread, for which the others wait.

Each adapter is imported by the function that builds it, so that a route that only reads rows doesn't load an HTTP
client.
"""

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib import settings as settings_module
from chalicelib.cached_function import CachedFunction
from chalicelib.settings.hosts import find_listening_address

if TYPE_CHECKING:
    from datetime import timedelta

    from chalicelib.adapters.clamav import ClamavScanner
    from chalicelib.adapters.emf_metrics import EmfMetrics
    from chalicelib.adapters.oidc.issuer_keys import IssuerKeys
    from chalicelib.adapters.postgres.database import Database
    from chalicelib.adapters.postgres.file_counts import PostgresFileCounts
    from chalicelib.adapters.postgres.files import PostgresFiles
    from chalicelib.adapters.postgres.history import PostgresHistory
    from chalicelib.adapters.postgres.long_polls import PostgresLongPolls
    from chalicelib.adapters.postgres.processing_queue import PostgresProcessingQueue
    from chalicelib.adapters.postgres.reprocess_queue import PostgresReprocessQueue
    from chalicelib.adapters.postgres.request_rates import PostgresRequestRates
    from chalicelib.adapters.postgres.scans import PostgresScans
    from chalicelib.adapters.postgres.sweep_records import PostgresSweepRecords
    from chalicelib.adapters.postgres.tokens import PostgresTokens
    from chalicelib.adapters.postgres.tombstones import PostgresTombstones
    from chalicelib.adapters.postgres.uploads import PostgresUploads
    from chalicelib.adapters.postgres.usage import PostgresUsageCounts
    from chalicelib.adapters.rds_auth import RdsIamAuth
    from chalicelib.adapters.s3 import S3Storage
    from chalicelib.core.accounts.jwt_verifier import JwtVerifier
    from chalicelib.core.accounts.sign_in import SignIn
    from chalicelib.core.accounts.signing_keys import SigningKeySource
    from chalicelib.core.accounts.upload_tokens import UploadTokenSigner
    from chalicelib.core.limits.model import Limits, OwnerLimits
    from chalicelib.core.limits.request_rate import RequestLimits
    from chalicelib.core.processing.ports import ProcessorCatalog
    from chalicelib.core.processing.process_file import Worker
    from chalicelib.core.sweep.sweep import Sweep
    from chalicelib.core.uploads.completion import Completion
    from chalicelib.core.uploads.limits import UploadLimits

T = TypeVar("T")

ROUTES_HANDLER = "app.app"
"""How Chalice deploys the routes; the other functions are attributes of the same module."""


_cached: list[CachedFunction[Any]] = []


def cached(build: Callable[..., T]) -> CachedFunction[T]:
    """Call the function once for each set of arguments, until `reset`, whatever the number of threads."""
    result = CachedFunction(build)
    _cached.append(result)
    return result


def reset() -> None:
    """Forget what was built, so that it is built again when next used: for tests that change the environment."""
    for function in _cached:
        function.clear()


def warm_up() -> None:
    """Build all that the routes use, without a statement or a request.

    A server with many threads calls this before its first request. A Lambda container handles one request at a
    time, and builds only what this one needs.
    """
    metrics()
    for build in (
        (files, uploads, tombstones, history, processing_queue, long_polls, tokens, request_rates)
        if settings().database_url
        else ()
    ):
        build()
    for url in settings().public_urls:
        public_storage(url)
    storage().warm_up()


def warm_up_functions() -> None:
    """Build what the functions use that process files, without a statement or a request.

    The emulator calls this before it forks the functions' processes, which then share it.
    """
    warm_up()
    if settings().database_url:
        worker()


@cached
def settings() -> settings_module.Settings:
    return settings_module.from_environ(os.environ)


def check_settings() -> None:
    """Raise InvalidSettingError if a setting is invalid. Chalice's command line prints one line and exits instead.

    It would print a traceback, and `chalice local` would not end after it.
    """
    in_chalice = "AWS_CHALICE_CLI_MODE" in os.environ
    if in_chalice and (address := find_listening_address(sys.argv)):
        os.environ["BIND_ADDRESS"] = address
    try:
        settings()
    except settings_module.InvalidSettingError as error:
        if not in_chalice:
            raise
        print(f"error: {error}", file=sys.stderr, flush=True)  # noqa: T201  # a command-line program
        os._exit(2)  # `chalice local` imports the app in a thread, and sys.exit would end only that


def serves_routes() -> bool:
    """Return whether this process may have to serve the routes, as all do but Chalice's other functions on Lambda.

    What wraps a handler has a name of its own there. It may wrap the routes.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    handler = os.environ.get("_HANDLER", ROUTES_HANDLER)
    return handler == ROUTES_HANDLER or not handler.startswith("app.")


def configure_logging() -> None:
    """Write this process's log as JSON lines, from the setting's level on."""
    from chalicelib.adapters.json_log import log_as_json

    log_as_json(settings().log_level)


@cached
def metrics() -> "EmfMetrics":
    from chalicelib.adapters.emf_metrics import EmfMetrics

    return EmfMetrics(settings().stage)


@cached
def database() -> "Database":
    from chalicelib.adapters.postgres.database import Database

    return Database(settings().database_url, settings().database_connections, database_auth())


@cached
def database_auth() -> "RdsIamAuth | None":
    """Return the adapter that signs the database's passwords; None if the database's URL holds one."""
    if not settings().database_iam:
        return None
    from chalicelib.adapters.rds_auth import RdsIamAuth

    return RdsIamAuth()


@cached
def files() -> "PostgresFiles":
    from chalicelib.adapters.postgres.files import PostgresFiles

    return PostgresFiles(database())


@cached
def uploads() -> "PostgresUploads":
    from chalicelib.adapters.postgres.uploads import PostgresUploads

    return PostgresUploads(database())


@cached
def usage_counts() -> "PostgresUsageCounts":
    from chalicelib.adapters.postgres.usage import PostgresUsageCounts

    return PostgresUsageCounts(database())


@cached
def limits() -> "Limits":
    from chalicelib.core.limits.build_limits import NAMES, build_limits

    of_stage = {name: getattr(settings(), name) for name in NAMES}
    return build_limits(of_stage, settings().owner_limits)


@cached
def request_limits() -> "RequestLimits":
    return limits().of_requests


@cached
def request_rates() -> "PostgresRequestRates":
    from chalicelib.adapters.postgres.request_rates import PostgresRequestRates

    return PostgresRequestRates(database())


def owner_limits(owner: str) -> "OwnerLimits":
    """Return what this owner may do."""
    return limits().of(owner)


def direct_upload_bytes(owner: str) -> int:
    """Return the maximum size in bytes of an owner's file whose bytes come with the request."""
    return min(settings().max_upload_bytes, owner_limits(owner).max_file_bytes)


@cached
def upload_limits() -> "UploadLimits":
    from chalicelib.core.uploads.limits import UploadLimits

    return UploadLimits(
        owners=limits(),
        multipart_threshold=settings().multipart_threshold,
        expires_in=settings().upload_lifetime,
    )


@cached
def completion() -> "Completion":
    from chalicelib.core.uploads.completion import Completion

    return Completion(
        files=files(),
        uploads=uploads(),
        tombstones=tombstones(),
        storage=storage(),
        limits=limits(),
    )


@cached
def tombstones() -> "PostgresTombstones":
    from chalicelib.adapters.postgres.tombstones import PostgresTombstones

    return PostgresTombstones(database())


@cached
def tokens() -> "PostgresTokens":
    from chalicelib.adapters.postgres.tokens import PostgresTokens

    return PostgresTokens(database())


@cached
def long_polls() -> "PostgresLongPolls":
    from chalicelib.adapters.postgres.long_polls import PostgresLongPolls

    return PostgresLongPolls(database(), settings().max_long_polls)


def storage() -> "S3Storage":
    return _storage_at(settings().aws_endpoint_url)


def public_storage(public_url: str) -> "S3Storage":
    """Return the storage whose presigned URLs have the address of S3 for clients that use this PUBLIC_URL."""
    endpoints = dict(zip(settings().public_urls, settings().s3_public_urls, strict=False))
    return _storage_at(endpoints.get(public_url, settings().aws_endpoint_url))


@cached
def _storage_at(endpoint_url: str | None) -> "S3Storage":
    from chalicelib.adapters.s3 import S3Storage

    return S3Storage(settings().bucket, endpoint_url)


@cached
def history() -> "PostgresHistory":
    from chalicelib.adapters.postgres.history import PostgresHistory

    return PostgresHistory(database())


@cached
def processing_queue() -> "PostgresProcessingQueue":
    from chalicelib.adapters.postgres.processing_queue import PostgresProcessingQueue

    return PostgresProcessingQueue(database())


@cached
def reprocess_queue() -> "PostgresReprocessQueue":
    from chalicelib.adapters.postgres.reprocess_queue import PostgresReprocessQueue

    return PostgresReprocessQueue(database())


def build_processor_catalog() -> "ProcessorCatalog":
    """Return the processors of this version of the code."""
    from chalicelib.core.processing.ports import ProcessorCatalog
    from chalicelib.processors.registry import type_prefixes, versions

    return ProcessorCatalog(versions(), type_prefixes(), scans_files=scanner() is not None)


@cached
def file_counts() -> "PostgresFileCounts":
    from chalicelib.adapters.postgres.file_counts import PostgresFileCounts

    return PostgresFileCounts(database())


@cached
def sweep_records() -> "PostgresSweepRecords":
    from chalicelib.adapters.postgres.sweep_records import PostgresSweepRecords

    return PostgresSweepRecords(database())


@cached
def scans() -> "PostgresScans":
    from chalicelib.adapters.postgres.scans import PostgresScans

    return PostgresScans(database())


@cached
def scanner() -> "ClamavScanner | None":
    """Return the scanner that workers use; None where none is configured, or GuardDuty scans by itself."""
    address = settings().clamav_address
    if settings().malware_scan != "clamav" or address is None:
        return None
    from chalicelib.adapters.clamav import ClamavScanner

    return ClamavScanner(address)


def scans_in_bucket() -> bool:
    """Return whether GuardDuty scans the bucket, and sends its results as events and tags."""
    return settings().malware_scan == "guardduty"


@cached
def worker() -> "Worker":
    from chalicelib.core.processing.admission import Admission
    from chalicelib.core.processing.analysis import Analyzer, ProcessorFns
    from chalicelib.core.processing.process_file import Worker
    from chalicelib.processors.registry import analyze, detect_only

    analyzer = Analyzer(
        storage(),
        ProcessorFns(analyze, detect_only),
        Admission(limits(), processing_queue()),
        max_checksum_bytes=settings().max_checksum_bytes,
        scanner=scanner(),
    )
    return Worker(processing_queue(), storage(), analyzer, metrics(), default_owner=settings().default_owner)


def build_sweep(remaining: "Callable[[], timedelta]") -> "Sweep":
    """Return a sweep that ends before the remaining time is over."""
    from chalicelib.adapters.postgres.bucket_scan import PostgresBucketScan
    from chalicelib.adapters.postgres.computed_columns import PostgresComputedColumns
    from chalicelib.core.sweep.lost_verdicts import LostVerdicts
    from chalicelib.core.sweep.reconcile import SETTLING_FACTOR, Reconciliation
    from chalicelib.core.sweep.sweep import Sweep

    grace_period = settings().sweep_grace
    reconciliation = Reconciliation(
        worker(), PostgresBucketScan(database()), settling_time=SETTLING_FACTOR * grace_period
    )
    computed_columns = PostgresComputedColumns(database())
    return Sweep(
        worker(),
        tombstones(),
        reconciliation,
        computed_columns,
        reprocess_queue(),
        sweep_records(),
        remaining,
        grace_period,
        LostVerdicts(scans(), storage(), metrics(), SETTLING_FACTOR * grace_period) if scans_in_bucket() else None,
    )


@cached
def upload_token_signer() -> "UploadTokenSigner | None":
    """Return what signs upload tokens; None without a secret. With `AUTH=off` this process makes one up."""
    secrets = settings().upload_token_secrets
    if not secrets and settings().auth_required:
        return None
    from secrets import token_urlsafe

    from chalicelib.adapters.upload_token_signer import ItsdangerousUploadTokenSigner

    return ItsdangerousUploadTokenSigner(secrets or [token_urlsafe()])


@cached
def jwt_verifier() -> "JwtVerifier | None":
    """Return what verifies the JWTs of the issuer; None if none is configured, so that no JWT is valid."""
    issuer = settings().oidc_issuer
    if issuer is None:
        return None
    from chalicelib.adapters.oidc.key_cache import KeyCache
    from chalicelib.adapters.oidc.pinned_keys import PinnedKeys
    from chalicelib.adapters.oidc.rules import TokenRules
    from chalicelib.adapters.oidc.verifier import OidcJwtVerifier

    rules = TokenRules(
        issuer=issuer,
        audiences=settings().oidc_audiences,
        audience_claim=settings().oidc_audience_claim,
        algorithms=settings().oidc_algorithms,
        owner_claim=settings().oidc_owner_claim,
        admin_claim=settings().oidc_admin_claim,
        admin_value=settings().oidc_admin_value,
    )
    pinned = settings().oidc_jwks
    return OidcJwtVerifier(rules, PinnedKeys(pinned) if pinned else KeyCache(_signing_key_source()))


@cached
def sign_in() -> "SignIn":
    """Return how people sign in to a web page of this service."""
    from chalicelib.core.accounts.sign_in import OidcClient, SignIn

    required = settings().auth_required
    issuer, client_id = settings().oidc_issuer, settings().oidc_client_id
    authorization_url, token_url = settings().oidc_authorization_url, settings().oidc_token_url
    if not (required and issuer and client_id and authorization_url and token_url):
        return SignIn(required=required, oidc=None)
    client = OidcClient(
        issuer=issuer,
        client_id=client_id,
        authorization_endpoint=authorization_url,
        token_endpoint=token_url,
        scope=settings().oidc_scope,
    )
    return SignIn(required=required, oidc=client)


def _signing_key_source() -> "SigningKeySource":
    """Return where the routes get the issuer's keys from."""
    if not settings().oidc_jwks_in_bucket:
        return issuer_keys()
    from chalicelib.adapters.oidc.bucket_keys import BucketKeys
    from chalicelib.core.files.object_keys import SIGNING_KEYS_KEY

    return BucketKeys(storage(), SIGNING_KEYS_KEY)


@cached
def issuer_keys() -> "IssuerKeys":
    from chalicelib.adapters.oidc.issuer_keys import IssuerKeys

    issuer = settings().oidc_issuer
    assert issuer is not None
    return IssuerKeys(issuer, settings().oidc_jwks_url)
