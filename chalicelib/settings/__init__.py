"""The settings: environment variables, read once into one frozen object. `parsers.py` has what values may be.

CONTRIBUTING.md says what else a new setting needs.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from msgspec import Struct

from chalicelib.core.accounts.signing_keys import Jwk
from chalicelib.settings.hosts import is_loopback_address, is_of_aws, is_of_this_machine
from chalicelib.settings.limits import (
    MAX_OBJECT_BYTES,
    parse_owner_limits,
    parse_quota,
    parse_rate,
    parse_types,
)
from chalicelib.settings.oidc import (
    check_oidc,
    parse_algorithms,
    parse_audience_claim,
    parse_audiences,
    parse_endpoint,
    parse_optional_text,
    parse_pinned_keys,
    parse_scope,
)
from chalicelib.settings.parsers import (
    InvalidSettingError,
    Variable,
    at_most,
    parse_address,
    parse_auth,
    parse_boolean,
    parse_database_url,
    parse_log_level,
    parse_malware_scan,
    parse_optional_url,
    parse_origins,
    parse_owner,
    parse_positive_int,
    parse_seconds,
    parse_secrets,
    parse_text,
    parse_urls,
)

__all__ = ["MAX_OBJECT_BYTES", "InvalidSettingError", "Settings", "Variable", "from_environ", "variables"]

UPLOAD_BYTES_LIMIT = 4_600_000
"""Bytes of an upload that fits into one request: Lambda accepts events of 6,291,456 bytes, and a body is passed as
base64, a third more. That leaves 158 kB for the rest of a form, and for the URL and the headers, which API Gateway
passes in several forms each.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MAX_PUT_BYTES = 5 * 1024**3
"""Bytes of the largest object that one request can store."""

MAX_UPLOAD_SECONDS = 7 * 24 * 60 * 60
"""A day less than the bucket's lifecycle lets a multipart upload live (infra/templates)."""

LONG_POLLS_LIMIT = 1000
"""As many slots as the migration 0005 has made; it is also the concurrency of a whole AWS account, by default."""

RENAMED_VARIABLES = {
    "DEAD_LETTERS": "DEAD_LETTER_QUEUE",
    "DIGEST_LIMIT": "MAX_CHECKSUM_BYTES",
    "DIRECT_LIMIT": "MAX_UPLOAD_BYTES",
    "OWNER": "DEFAULT_OWNER",
    "SWEEP_AFTER": "SWEEP_GRACE_SECONDS",
    "UNWELL_AFTER": "HEALTH_MAX_QUEUE_AGE_SECONDS",
}
"""Earlier names of variables, with the current ones. An earlier name alone is an error, because a value that is
silently ignored would look like one in effect. With the current name beside it, it is ignored: during an upgrade a
function's environment has both, since its old code reads the earlier name."""


def _upload_bytes(name: str, value: str) -> int:
    size = parse_positive_int(name, value)
    if size > UPLOAD_BYTES_LIMIT:
        raise InvalidSettingError(
            f"{name} must be at most {UPLOAD_BYTES_LIMIT}, which fits into a Lambda event, got {value!r}"
        )
    return size


def _upload_lifetime(name: str, value: str) -> timedelta:
    return timedelta(seconds=at_most(MAX_UPLOAD_SECONDS)(name, value))


class Settings(Struct, frozen=True, kw_only=True):
    """All settings of an installation."""

    database_url: Annotated[str, Variable("DATABASE_URL", parse_database_url)]
    """postgresql://… . Empty where there is no database yet, as when Chalice imports the app to deploy it."""
    migration_database_url: Annotated[str, Variable("MIGRATION_DATABASE_URL", parse_database_url)]
    """The same database with the login that owns the tables, for migrations; without it DATABASE_URL. The other
    functions need a login that can read and write rows, such as the role that the migrations create."""
    database_iam: Annotated[bool, Variable("DATABASE_IAM", parse_boolean, "false")]
    """Whether to log in with a token that the function's role signs. The URLs then name an RDS Proxy, and have
    no password."""
    database_connections: Annotated[
        int, Variable("DATABASE_CONNECTIONS", parse_positive_int, "4", default_in_lambda="1")
    ]
    """Maximum number of this process's connections. A Lambda container handles one request at a time, and needs
    one."""
    bucket: Annotated[str, Variable("BUCKET", parse_text, "file-loader")]
    """The bucket of the objects. Chalice reads it when it deploys, too."""
    dead_letter_queue: Annotated[str, Variable("DEAD_LETTER_QUEUE", parse_text, "file-loader-dead-letters")]
    """The queue of events whose processing failed for the last time. Chalice reads it when it deploys, too."""
    aws_endpoint_url: Annotated[str | None, Variable("AWS_ENDPOINT_URL", parse_optional_url)]
    """An emulator to use instead of AWS."""
    public_urls: Annotated[tuple[str, ...], Variable("PUBLIC_URL", parse_urls)]
    """The base of the URLs in responses; several, separated by spaces, where clients reach the service by several
    names. Without it: chalicelib/http/base_url.py."""
    s3_public_urls: Annotated[tuple[str, ...], Variable("S3_PUBLIC_URL", parse_urls)]
    """Where clients reach S3, one for each of PUBLIC_URL. Without it, where this process does."""
    cors_origins: Annotated[tuple[str, ...], Variable("CORS_ORIGINS", parse_origins)]
    """The origins of the web pages that may call the API from a browser, besides those of its own origin."""
    auth_required: Annotated[bool, Variable("AUTH", parse_auth, "off", default_in_lambda="")]
    """Whether callers must authenticate. A Lambda function has no default."""
    upload_token_secrets: Annotated[tuple[str, ...], Variable("UPLOAD_TOKEN_SECRET", parse_secrets)]
    """What signs upload tokens; several, separated by spaces, while it is replaced: the first signs, all verify.
    Without it there are no upload tokens, except with `AUTH=off`, where each process makes one up."""
    bind_address: Annotated[str, Variable("BIND_ADDRESS", parse_text, "127.0.0.1")]
    """Where the server of the routes listens, as docker-compose.yml publishes it."""
    max_upload_bytes: Annotated[int, Variable("MAX_UPLOAD_BYTES", _upload_bytes, str(UPLOAD_BYTES_LIMIT))]
    """Maximum size in bytes of a file that is uploaded through the API."""
    max_file_bytes: Annotated[int, Variable("MAX_FILE_BYTES", at_most(MAX_OBJECT_BYTES), str(MAX_OBJECT_BYTES))]
    """Maximum size in bytes of any file. A larger one that comes without being announced is rejected."""
    allowed_types: Annotated[tuple[str, ...], Variable("ALLOWED_TYPES", parse_types)]
    """The detected media types that files may have, such as `image/*`. Without it, all."""
    denied_types: Annotated[tuple[str, ...], Variable("DENIED_TYPES", parse_types)]
    """Those that they may not have, also if they are allowed."""
    max_files: Annotated[int | None, Variable("MAX_FILES", parse_quota)]
    """How many files an owner may store. This and the following: without it, any number."""
    max_stored_bytes: Annotated[int | None, Variable("MAX_STORED_BYTES", parse_quota)]
    """How many bytes all files of an owner may have."""
    max_files_per_day: Annotated[int | None, Variable("MAX_FILES_PER_DAY", parse_quota)]
    """How many files an owner may add on a day (UTC)."""
    max_bytes_per_day: Annotated[int | None, Variable("MAX_BYTES_PER_DAY", parse_quota)]
    """How many bytes an owner may add on a day (UTC)."""
    requests_per_minute: Annotated[int | None, Variable("REQUESTS_PER_MINUTE", parse_rate)]
    """How many requests an owner may make in a minute."""
    owner_limits: Annotated[Mapping[str, Mapping[str, Any]], Variable("OWNER_LIMITS", parse_owner_limits)]
    """The limits of single owners, as JSON: `{"alice": {"max_files": 10}}`. The names are those of the settings
    above, from MAX_FILE_BYTES on, in lower case; null is no limit. All other limits are those of the settings."""
    multipart_threshold: Annotated[
        int, Variable("MULTIPART_THRESHOLD_BYTES", at_most(MAX_PUT_BYTES), str(64 * 1024**2))
    ]
    """A larger file is uploaded to S3 in parts."""
    upload_lifetime: Annotated[
        timedelta, Variable("UPLOAD_EXPIRY_SECONDS", _upload_lifetime, str(MAX_UPLOAD_SECONDS))
    ]
    """How long a client may take to upload a file to S3."""
    max_checksum_bytes: Annotated[int, Variable("MAX_CHECKSUM_BYTES", parse_positive_int, str(256 * 1024 * 1024))]
    """Maximum size in bytes of an object whose SHA-256 is computed, where S3 has no checksum."""
    default_owner: Annotated[str, Variable("DEFAULT_OWNER", parse_owner, "everyone")]
    """The owner of what callers create while `AUTH=off`, and of objects that another tool puts into the bucket."""
    oidc_issuer: Annotated[str | None, Variable("OIDC_ISSUER", parse_optional_url)]
    """The OpenID Connect issuer whose JWTs are accepted, exactly as in their `iss`. Without it none are."""
    oidc_audiences: Annotated[tuple[str, ...], Variable("OIDC_AUDIENCE", parse_audiences)]
    """What JWTs are issued for, so that those for the issuer's other services are refused: one or several."""
    oidc_audience_claim: Annotated[str, Variable("OIDC_AUDIENCE_CLAIM", parse_audience_claim, "aud")]
    """The claim that says so: `client_id` for access tokens of Cognito, which have no `aud`."""
    oidc_algorithms: Annotated[tuple[str, ...], Variable("OIDC_ALGORITHMS", parse_algorithms, "RS256")]
    """The signatures that are accepted, some of JWT_ALGORITHMS."""
    oidc_owner_claim: Annotated[str, Variable("OIDC_OWNER_CLAIM", parse_text, "sub")]
    """The claim that names the owner."""
    oidc_admin_claim: Annotated[str | None, Variable("OIDC_ADMIN_CLAIM", parse_optional_text)]
    """The claim that grants the scope `admin`; without it, no JWT does."""
    oidc_admin_value: Annotated[str | None, Variable("OIDC_ADMIN_VALUE", parse_optional_text)]
    """What this claim must be or contain."""
    oidc_jwks: Annotated[Sequence[Jwk] | None, Variable("OIDC_JWKS", parse_pinned_keys)]
    """The issuer's public keys, pinned. Without them they are fetched."""
    oidc_jwks_url: Annotated[str | None, Variable("OIDC_JWKS_URL", parse_optional_url)]
    """Where the keys are fetched; without it, where the issuer's configuration says."""
    oidc_jwks_in_bucket: Annotated[
        bool, Variable("OIDC_JWKS_IN_BUCKET", parse_boolean, "false", default_in_lambda="true")
    ]
    """Whether the routes read the keys from the bucket, where `fetch_signing_keys` stores them, because they can't
    reach the issuer."""
    oidc_client_id: Annotated[str | None, Variable("OIDC_CLIENT_ID", parse_optional_text)]
    """The issuer's client for this service's web page. Without it, people sign in with tokens alone."""
    oidc_authorization_url: Annotated[str | None, Variable("OIDC_AUTHORIZATION_URL", parse_endpoint)]
    """Where the page sends people: `authorization_endpoint` of the issuer's configuration, maybe with a query."""
    oidc_token_url: Annotated[str | None, Variable("OIDC_TOKEN_URL", parse_endpoint)]
    """Where the page gets tokens: `token_endpoint` of the issuer's configuration."""
    oidc_scope: Annotated[str, Variable("OIDC_SCOPE", parse_scope, "openid")]
    """What the page asks the issuer for."""
    sweep_grace: Annotated[timedelta, Variable("SWEEP_GRACE_SECONDS", parse_seconds, "30")]
    """How late an event may be before the sweep processes the file without it. Doubles with each attempt."""
    health_max_queue_age: Annotated[timedelta, Variable("HEALTH_MAX_QUEUE_AGE_SECONDS", parse_seconds, "900")]
    """How long a file may wait to be processed before the service reports that it is unhealthy."""
    max_long_polls: Annotated[int, Variable("MAX_LONG_POLLS", at_most(LONG_POLLS_LIMIT), "10")]
    """How many requests may wait at once (`?wait=`), over all containers. Each occupies a container of the routes,
    or a thread of the emulator's server, of which there must be more."""
    malware_scan: Annotated[str, Variable("MALWARE_SCAN", parse_malware_scan, "off")]
    """What scans files for malware, one of MALWARE_SCANS. Unless it is off, only clean files can be downloaded."""
    clamav_address: Annotated[tuple[str, int] | None, Variable("CLAMAV_ADDRESS", parse_address)]
    """Host and port of ClamAV's daemon."""
    stage: Annotated[str, Variable("STAGE", parse_text, "dev")]
    """The name of this installation. Metrics have it as a dimension, so that the alarms of two don't mix."""
    log_level: Annotated[str, Variable("LOG_LEVEL", parse_log_level, "INFO")]
    """The lowest level that is logged, one of LOG_LEVELS."""

    @property
    def requires_scan(self) -> bool:
        """Whether only files that a malware scan has found clean can be downloaded."""
        return self.malware_scan != "off"


def variables() -> dict[str, Variable]:
    """Return each setting's variable, by the name of its field."""
    return {field: hint.__metadata__[0] for field, hint in Settings.__annotations__.items()}


def from_environ(environ: Mapping[str, str]) -> Settings:
    """Return the settings of the environment, with the defaults of missing ones. Raises InvalidSettingError."""
    for old, new in RENAMED_VARIABLES.items():
        if environ.get(old) and not environ.get(new):
            raise InvalidSettingError(f"{old} is now called {new}; set {new} instead")
    in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in environ
    values = {name: _parse(variable, environ, in_lambda) for name, variable in variables().items()}
    settings = Settings(**values)
    if settings.s3_public_urls and len(settings.s3_public_urls) != len(settings.public_urls):
        raise InvalidSettingError("S3_PUBLIC_URL must have as many URLs as PUBLIC_URL, in the same order")
    if settings.malware_scan == "clamav" and settings.clamav_address is None:
        raise InvalidSettingError("MALWARE_SCAN=clamav needs CLAMAV_ADDRESS, such as clamav:3310")
    if not settings.auth_required:
        _refuse_access_from_elsewhere(settings, in_lambda)
    check_oidc(settings, on_aws=in_lambda and not _has_emulator(settings))
    return settings


def _has_emulator(settings: Settings) -> bool:
    url = settings.aws_endpoint_url
    return url is not None and not is_of_aws(urlsplit(url).hostname or "")


def _refuse_access_from_elsewhere(settings: Settings, in_lambda: bool) -> None:
    """Raise InvalidSettingError if others than programs on this machine could reach a service that lets everyone
    in."""
    if in_lambda and not _has_emulator(settings):
        raise InvalidSettingError("AUTH=off is for development; on AWS, set AUTH=required")
    if not is_loopback_address(settings.bind_address):
        raise InvalidSettingError(
            f"with BIND_ADDRESS={settings.bind_address} other machines reach the service: set AUTH=required too"
        )
    for url in settings.public_urls:
        if not is_of_this_machine(urlsplit(url).hostname or ""):
            raise InvalidSettingError(f"PUBLIC_URL {url} can be reached by others: set AUTH=required too")


def _parse(variable: Variable, environ: Mapping[str, str], in_lambda: bool) -> Any:
    default = variable.default
    if in_lambda and variable.default_in_lambda is not None:
        default = variable.default_in_lambda
    return variable.parse(variable.name, environ.get(variable.name) or default)
