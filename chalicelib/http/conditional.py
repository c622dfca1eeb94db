"""Conditional requests: ETag and If-None-Match (RFC 9110, 13.1.2)."""

import re

from chalicelib.core.files.model import File

MAX_VERSION_DIGITS = 10
"""A version is a PostgreSQL integer."""

_ETAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag(file: File) -> str:
    """Return the file's weak ETag: a version identifies all of the resource except for the host of its URLs."""
    return f'W/"{file.version}"'


def etag_matches(if_none_match: str | None, current: str) -> bool:
    """Return whether If-None-Match contains the current ETag, weak or not, so that the response is 304."""
    condition = if_none_match or ""
    return condition.strip() == "*" or bool({*_ETAG.findall(condition)} & {*_ETAG.findall(current)})


def version_of_etag(if_none_match: str | None) -> int | None:
    """Return the version if If-None-Match has exactly one ETag, and it is one of ours."""
    etags = _ETAG.findall(if_none_match or "")
    version = etags[0] if len(etags) == 1 else ""
    is_version = version.isascii() and version.isdigit() and len(version) <= MAX_VERSION_DIGITS
    return int(version) if is_version else None
