"""What parses the settings of limits."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.settings.parsers import InvalidSettingError, parse_owner

MAX_OBJECT_BYTES = 10_000 * 5 * 1024**3
"""Bytes of the largest object on S3: 48.8 TiB, in 10,000 parts of 5 GiB.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

MAX_NUMBER = 2**63 - 1
"""The largest number of the database's columns."""

_NUMBER_PATTERN = r"[0-9]{1,19}"

_TYPE_PATTERN = r"[a-z0-9][a-z0-9!#$&^_.+-]*/(?:\*|[a-z0-9][a-z0-9!#$&^_.+-]*)"


def parse_quota(name: str, value: str) -> int | None:
    """Return the number, None for no limit."""
    if not value:
        return None
    if not re.fullmatch(_NUMBER_PATTERN, value):
        raise InvalidSettingError(f"{name} must be an integer from 0 to {MAX_NUMBER}, got {value!r}")
    return _check_quota(name, int(value))


def parse_rate(name: str, value: str) -> int | None:
    """Return the number, None for no limit."""
    rate = parse_quota(name, value)
    return None if rate is None else _check_rate(name, rate)


def parse_types(name: str, value: str) -> tuple[str, ...]:
    """Return the media types, such as `image/png` or `image/*`."""
    return _check_types(name, value.split())


def parse_owner_limits(name: str, value: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the limits by owner, and then by the name of the limit."""
    try:
        by_owner = json.loads(value or "{}", object_pairs_hook=_to_dict)
    except ValueError as error:
        raise InvalidSettingError(f"{name} must be a JSON object: {error}") from None
    if not isinstance(by_owner, dict):
        raise InvalidSettingError(f'{name} must be a JSON object, such as {{"alice": {{"max_files": 10}}}}')
    return {
        parse_owner(f"{name}: an owner's name", owner): _parse_own(f"{name}: {owner!r}", own)
        for owner, own in by_owner.items()
    }


def _parse_own(where: str, own: object) -> Mapping[str, Any]:
    if not isinstance(own, dict):
        raise InvalidSettingError(f'{where} must have limits, such as {{"max_files": 10}}')
    if unknown := own.keys() - OWN_LIMITS.keys():
        raise InvalidSettingError(f"{where} has {min(unknown)!r}, which isn't one of {', '.join(OWN_LIMITS)}")
    return {
        limit: _NO_LIMIT.get(limit) if value is None else OWN_LIMITS[limit](f"{where}: {limit}", value)
        for limit, value in own.items()
    }


def _to_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raise ValueError if a name is there twice: the first value would be ignored silently."""
    names = [name for name, _ in pairs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"{twice!r} is there twice")
    return dict(pairs)


def _check_quota(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_NUMBER:
        raise InvalidSettingError(f"{name} must be an integer from 0 to {MAX_NUMBER}, got {value!r}")
    return value


def _check_rate(name: str, value: object) -> int:
    rate = _check_quota(name, value)
    if rate == 0:
        raise InvalidSettingError(f"{name} must be at least 1")
    return rate


def _check_file_bytes(name: str, value: object) -> int:
    size = _check_quota(name, value)
    if not 0 < size <= MAX_OBJECT_BYTES:
        raise InvalidSettingError(f"{name} must be from 1 to {MAX_OBJECT_BYTES}, got {value!r}")
    return size


def _check_types(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InvalidSettingError(f'{name} must be a list such as ["image/*", "application/pdf"], got {value!r}')
    for each in value:
        if not re.fullmatch(_TYPE_PATTERN, each.lower()):
            raise InvalidSettingError(
                f"{name} must have media types such as image/png or image/*, without parameters; got {each!r}"
            )
    return tuple(dict.fromkeys(each.lower() for each in value))


OWN_LIMITS: Mapping[str, Callable[[str, object], Any]] = {
    "max_file_bytes": _check_file_bytes,
    "allowed_types": _check_types,
    "denied_types": _check_types,
    "max_files": _check_quota,
    "max_stored_bytes": _check_quota,
    "max_files_per_day": _check_quota,
    "max_bytes_per_day": _check_quota,
    "requests_per_minute": _check_rate,
}
"""By the name of the limit, which is also that of the stage's setting."""

_NO_LIMIT: Mapping[str, Any] = {"max_file_bytes": MAX_OBJECT_BYTES, "allowed_types": (), "denied_types": ()}
"""What null means, where it isn't None."""
