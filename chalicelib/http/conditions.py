"""What a reader knows already: versions in the query string and in If-None-Match (RFC 9110, 13.1.2)."""

import re
from dataclasses import dataclass
from datetime import timedelta

from chalice.app import Request

from chalicelib.core.files.get_file import MAX_WAIT
from chalicelib.core.files.model import File
from chalicelib.http.parameters import whole_number

MAX_DIGITS = 10
"""Of a version: it is a PostgreSQL integer."""

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a version other than `since`; None is the one that is there now."""

    wait: timedelta
    since: int | None


def read_patience(request: Request) -> Patience:
    """Return what `?wait=` and `?since=` ask for; without `since`, If-None-Match says what is known.

    Raises ServiceError(INVALID_PARAMETER).
    """
    seconds = whole_number(request, "wait", 0, int(MAX_WAIT.total_seconds()), default=0)
    since = whole_number(request, "since", 0, 2**31 - 1)
    return Patience(timedelta(seconds=seconds or 0), _known_version(request) if since is None else since)


def etag(file: File) -> str:
    """Return a weak validator: a version is one state of all that is shown, but for the URLs' host."""
    return f'W/"{file.version}"'


def is_known(request: Request, file: File) -> bool:
    """Tell whether If-None-Match names this version, so that 304 is the answer."""
    condition = request.headers.get("if-none-match", "")
    return condition.strip() == "*" or str(file.version) in _TAG.findall(condition)


def _known_version(request: Request) -> int | None:
    tags = _TAG.findall(request.headers.get("if-none-match", ""))
    known = tags[0] if len(tags) == 1 else ""
    return int(known) if known.isascii() and known.isdigit() and len(known) <= MAX_DIGITS else None
