"""Environment variables, and what parses their values."""

import re
from collections.abc import Callable
from datetime import timedelta
from ipaddress import AddressValueError, IPv6Address

from msgspec import Struct

from chalicelib.core.accounts.owner_names import REQUIREMENT, is_owner_name

MAX_PORT = 65535

MALWARE_SCANS = ("off", "clamav", "guardduty")

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_ORIGIN = r"(?P<scheme>https?)://(?:[a-z0-9._-]+|\[(?P<ipv6>[0-9a-f:]+)\])(?::(?P<port>[1-9][0-9]{0,4}))?"
_DEFAULT_PORTS = {"http": "80", "https": "443"}

_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


class InvalidSettingError(Exception):
    """An environment variable has an invalid value, or an earlier name."""

    needs_traceback = False
    """The message says what to do. Infra and the emulator read this, because they may not import this module."""


class Variable(Struct, frozen=True):
    """The environment variable of a setting."""

    name: str
    parse: Callable[[str, str], object]
    """Returns the setting's value, given the variable's name and value. Raises InvalidSettingError."""
    default: str = ""
    """The value if the variable is missing or empty."""
    default_in_lambda: str | None = None
    """The same in a Lambda function; None if it is the same there."""


def parse_text(_name: str, value: str) -> str:
    return value


def parse_owner(name: str, value: str) -> str:
    if not is_owner_name(value):
        raise InvalidSettingError(f"{name} {REQUIREMENT}, got {value!r}")
    return value


def parse_boolean(name: str, value: str) -> bool:
    normalized = value.strip().lower()
    if normalized not in _TRUE | _FALSE:
        raise InvalidSettingError(f"{name} must be true or false, got {value!r}")
    return normalized in _TRUE


def parse_positive_int(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise InvalidSettingError(f"{name} must be a positive integer, got {value!r}")
    return int(value)


def at_most(limit: int) -> Callable[[str, str], int]:
    def parse(name: str, value: str) -> int:
        number = parse_positive_int(name, value)
        if number > limit:
            raise InvalidSettingError(f"{name} must be at most {limit}, got {value!r}")
        return number

    return parse


def parse_seconds(name: str, value: str) -> timedelta:
    return timedelta(seconds=parse_positive_int(name, value))


def parse_database_url(name: str, value: str) -> str:
    """Return the URL with SQLAlchemy's driver. Some hosts still use the scheme `postgres`."""
    if not value:
        return ""
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg2"}:
        raise InvalidSettingError(f"{name} must start with postgresql://")  # its value may contain a password
    return f"postgresql+psycopg2://{rest}"


def parse_urls(name: str, value: str) -> tuple[str, ...]:
    urls = tuple(url.rstrip("/") for url in value.split())
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise InvalidSettingError(f"{name} must have URLs that start with http:// or https://, got {url!r}")
    return urls


def parse_origins(name: str, value: str) -> tuple[str, ...]:
    """Return the origins, which must be written as browsers send them.

    `*` is refused: any page that a user visits could then read all files that this user's browser can reach.
    """
    origins = tuple(dict.fromkeys(value.split()))
    for origin in origins:
        if not _is_written_as_by_browsers(origin):
            raise InvalidSettingError(
                f"{name} must have origins as browsers send them, such as https://app.example or "
                f"http://localhost:3000: lowercase, without a path, a default port or *; got {origin!r}"
            )
    return origins


def _is_written_as_by_browsers(origin: str) -> bool:
    """Return whether browsers write the origin like this: https://url.spec.whatwg.org/#concept-host-serializer"""
    match = re.fullmatch(_ORIGIN, origin)
    if match is None or match["port"] == _DEFAULT_PORTS[match["scheme"]] or int(match["port"] or 0) > MAX_PORT:
        return False
    return match["ipv6"] is None or _is_shortest_ipv6(match["ipv6"])


def _is_shortest_ipv6(address: str) -> bool:
    try:
        return str(IPv6Address(address)) == address
    except AddressValueError:
        return False


def parse_auth(name: str, value: str) -> bool:
    """Return whether callers must authenticate."""
    if value not in {"required", "off"}:
        raise InvalidSettingError(f"{name} must be required, or off for development on one machine, got {value!r}")
    return value == "required"


MIN_SECRET_LENGTH = 32
"""Characters."""


def parse_secrets(name: str, value: str) -> tuple[str, ...]:
    """Return the secrets, which are separated by spaces. The message never quotes them."""
    secrets = tuple(value.split())
    if any(len(secret) < MIN_SECRET_LENGTH for secret in secrets):
        raise InvalidSettingError(f"{name} must have secrets of at least {MIN_SECRET_LENGTH} characters each")
    return secrets


def parse_optional_url(name: str, value: str) -> str | None:
    if value and not value.startswith(("http://", "https://")):
        raise InvalidSettingError(f"{name} must start with http:// or https://, got {value!r}")
    return value or None


def parse_malware_scan(name: str, value: str) -> str:
    if value not in MALWARE_SCANS:
        raise InvalidSettingError(f"{name} must be one of {', '.join(MALWARE_SCANS)}, got {value!r}")
    return value


def parse_address(name: str, value: str) -> tuple[str, int] | None:
    """Return host and port, None for an empty value. An IPv6 address is in brackets."""
    if not value:
        return None
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) <= MAX_PORT):
        raise InvalidSettingError(f"{name} must be HOST:PORT, such as clamav:3310, got {value!r}")
    return host, int(port)


def parse_log_level(name: str, value: str) -> str:
    level = value.upper()
    if level not in LOG_LEVELS:
        raise InvalidSettingError(f"{name} must be one of {', '.join(LOG_LEVELS)}, got {value!r}")
    return level
