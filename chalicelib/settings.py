"""The environment, read once, as one frozen object. Every variable's name stands here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

MAX_UPLOAD_BYTES = 4_718_592
"""Bytes (4.5 MiB) that fit into one request: Lambda takes events of 6,291,456 bytes, and a body comes as
base64 with the headers around it. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

RENAMED = {
    "DEAD_LETTERS": "DEAD_LETTER_QUEUE",
    "DIGEST_LIMIT": "MAX_CHECKSUM_BYTES",
    "DIRECT_LIMIT": "MAX_UPLOAD_BYTES",
    "OWNER": "DEFAULT_OWNER",
    "SWEEP_AFTER": "SWEEP_GRACE_SECONDS",
    "UNWELL_AFTER": "HEALTH_MAX_QUEUE_AGE_SECONDS",
}
"""Earlier names of variables, and the present ones. An earlier name is refused: a value that is silently ignored
would look like one that is in force."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


class InvalidSettingError(Exception):
    """A variable's value can't be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation can choose. Documented in README.md, "Configuration"."""

    database_url: str
    """`DATABASE_URL`: postgresql://… . Empty while there is none, as when Chalice imports
    the app to deploy it."""
    database_iam: bool
    """`DATABASE_IAM`: 1 where DATABASE_URL names an RDS Proxy without a password, which takes a token that the
    function's role has signed."""
    bucket: str
    """`BUCKET`: where the objects lie. Chalice reads it when it deploys, too."""
    dead_letter_queue: str
    """`DEAD_LETTER_QUEUE`: the queue of events that were given up. Chalice reads it when it deploys, too."""
    aws_endpoint_url: str | None
    """`AWS_ENDPOINT_URL`: an emulator to use instead of AWS."""
    public_urls: tuple[str, ...]
    """`PUBLIC_URL`: the base of the URLs in answers, or several of them, separated by spaces, where clients reach
    the service by several names. Without it, what API Gateway says it was called as."""
    s3_public_urls: tuple[str, ...]
    """`S3_PUBLIC_URL`: where clients reach S3, one for each of PUBLIC_URL. Without it, where this process does."""
    max_upload_bytes: int
    """`MAX_UPLOAD_BYTES`: bytes that an upload through the API may have, at most MAX_UPLOAD_BYTES."""
    max_checksum_bytes: int
    """`MAX_CHECKSUM_BYTES`: bytes up to which a SHA-256 is computed where S3 has no checksum."""
    default_owner: str
    """`DEFAULT_OWNER`: whose files these are, as long as nobody signs in."""
    sweep_grace: timedelta
    """`SWEEP_GRACE_SECONDS`: how long an event may take before the sweep processes the file without it. Doubles
    with each attempt."""
    health_max_queue_age: timedelta
    """`HEALTH_MAX_QUEUE_AGE_SECONDS`: seconds that a file may wait to be processed before
    the service reports itself as unhealthy."""
    database_connections: int
    """`DATABASE_CONNECTIONS`: how many this process may hold. A Lambda container serves one request at a time
    and needs one."""
    stage: str
    """`STAGE`: which installation this is. Metrics carry it, so that the alarms of two don't mix."""
    log_level: str
    """`LOG_LEVEL`: the least severe lines that are logged, one of LOG_LEVELS."""


def from_environ(environment: Mapping[str, str]) -> Settings:
    """Return the settings that the environment names, defaults for the rest. Raises InvalidSettingError."""
    for old, new in RENAMED.items():
        if old in environment:
            raise InvalidSettingError(f"{old} is now called {new}; set {new} instead")
    in_lambda = "AWS_LAMBDA_FUNCTION_NAME" in environment
    settings = Settings(
        database_url=_postgresql(environment.get("DATABASE_URL", "")),
        bucket=environment.get("BUCKET") or "file-loader",
        dead_letter_queue=environment.get("DEAD_LETTER_QUEUE") or "file-loader-dead-letters",
        aws_endpoint_url=environment.get("AWS_ENDPOINT_URL") or None,
        database_iam=_boolean(environment, "DATABASE_IAM", default=False),
        public_urls=_urls(environment, "PUBLIC_URL"),
        s3_public_urls=_urls(environment, "S3_PUBLIC_URL"),
        max_upload_bytes=_positive_int(environment, "MAX_UPLOAD_BYTES", MAX_UPLOAD_BYTES),
        max_checksum_bytes=_positive_int(environment, "MAX_CHECKSUM_BYTES", 256 * 1024 * 1024),
        default_owner=environment.get("DEFAULT_OWNER") or "everyone",
        sweep_grace=timedelta(seconds=_positive_int(environment, "SWEEP_GRACE_SECONDS", 30)),
        health_max_queue_age=timedelta(seconds=_positive_int(environment, "HEALTH_MAX_QUEUE_AGE_SECONDS", 900)),
        database_connections=_positive_int(environment, "DATABASE_CONNECTIONS", 1 if in_lambda else 8),
        stage=environment.get("STAGE") or "dev",
        log_level=(environment.get("LOG_LEVEL") or "INFO").upper(),
    )
    if settings.log_level not in LOG_LEVELS:
        raise InvalidSettingError(f"LOG_LEVEL is one of {', '.join(LOG_LEVELS)}, not {settings.log_level}")
    if settings.max_upload_bytes > MAX_UPLOAD_BYTES:
        raise InvalidSettingError(
            f"MAX_UPLOAD_BYTES is at most {MAX_UPLOAD_BYTES} bytes: more doesn't fit through Lambda"
        )
    if settings.s3_public_urls and len(settings.s3_public_urls) != len(settings.public_urls):
        raise InvalidSettingError("S3_PUBLIC_URL names as many URLs as PUBLIC_URL, in the same order")
    return settings


def _postgresql(url: str) -> str:
    """Name the driver, and take the scheme `postgres` that some hosts still hand out."""
    scheme, separator, rest = url.partition("://")
    if not url:
        return ""
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg2"}:
        raise InvalidSettingError("DATABASE_URL begins with postgresql://")
    return f"postgresql+psycopg2://{rest}"


def _urls(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    urls = tuple(url.rstrip("/") for url in environment.get(name, "").split())
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise InvalidSettingError(f"{name} holds URLs that begin with http:// or https://, not {url!r}")
    return urls


def _boolean(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environment.get(name, "").strip().lower()
    if value not in {"", *_TRUE, *_FALSE}:
        raise InvalidSettingError(f"{name} must be true or false, got {environment[name]!r}")
    return value in _TRUE if value else default


def _positive_int(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise InvalidSettingError(f"{name} must be a positive integer, got {value!r}")
    return int(value)
