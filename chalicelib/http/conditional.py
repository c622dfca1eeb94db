"""Conditional requests (ETag, If-None-Match: RFC 9110, 13.1.2) and long polling."""

import re
from dataclasses import dataclass
from datetime import timedelta

from chalice.app import Request

from chalicelib.core.files.get_file import MAX_WAIT
from chalicelib.core.files.model import File
from chalicelib.http.params import int_param

MAX_VERSION_DIGITS = 10
"""A version is a PostgreSQL integer."""

_ETAG = re.compile(r'(?:W/)?"([^"]*)"')


@dataclass(frozen=True, slots=True)
class LongPoll:
    """How long to wait for a version other than `since_version`; None means the current version."""

    wait: timedelta
    since_version: int | None


def parse_long_poll(request: Request) -> LongPoll:
    """Return `?wait=` and `?since=`; without `since`, the version of If-None-Match.

    Raises ServiceError(INVALID_PARAMETER).
    """
    seconds = int_param(request, "wait", 0, int(MAX_WAIT.total_seconds()), default=0)
    since_version = int_param(request, "since", 0, 2**31 - 1)
    if since_version is None:
        since_version = _if_none_match_version(request)
    return LongPoll(timedelta(seconds=seconds), since_version)


def etag(file: File) -> str:
    """Return the file's weak ETag: a version identifies all of the resource except for the host of its URLs."""
    return f'W/"{file.version}"'


def etag_matches(request: Request, file: File) -> bool:
    """Return whether If-None-Match contains the file's version, so that the response is 304."""
    condition = request.headers.get("if-none-match", "")
    return condition.strip() == "*" or str(file.version) in _ETAG.findall(condition)


def _if_none_match_version(request: Request) -> int | None:
    """Return the version if If-None-Match has exactly one ETag, and it is one of ours."""
    etags = _ETAG.findall(request.headers.get("if-none-match", ""))
    version = etags[0] if len(etags) == 1 else ""
    is_version = version.isascii() and version.isdigit() and len(version) <= MAX_VERSION_DIGITS
    return int(version) if is_version else None
