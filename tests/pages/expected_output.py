"""Compares a command's output with the one that a page prints.

What another run would print otherwise matches any of its kind:

- a UUID, and a time in RFC 3339 with milliseconds;
- the `version` of a file, the `seq` of a change, and the version in an ETag;
- a `status` that isn't final: also a later one, because a worker may be faster than the next request. For the same
  reason the timeline's line `stored` may be missing (docs/reference/statuses.md);
- `…` in a line: any text. A line of nothing but `…`: any number of lines.
"""

import re

from chalicelib.core.files.statuses import Status

_ENDED = (Status.PROCESSED, Status.FAILED)
_LATER_STATUSES = {
    Status.AWAITING_UPLOAD: (Status.UPLOADED, Status.PROCESSING, *_ENDED),
    Status.UPLOADED: (Status.PROCESSING, *_ENDED),
    Status.PROCESSING: _ENDED,
}
_ANY = {
    "text": ".*",
    "id": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "number": r"\d+",
}
_AFTER_A_VERSION = '(?<="version":)|(?<="version": )|(?<="seq":)|(?<="seq": )|(?<=W/")'
_AFTER_A_STATUS = '(?<="status":)|(?<="status": )'
_VOLATILE = re.compile(
    f"(?P<text>…)|(?P<id>{_ANY['id']})|(?P<time>{_ANY['time']})|(?:{_AFTER_A_VERSION})(?P<number>{_ANY['number']})"
    f'|(?:{_AFTER_A_STATUS})(?P<status>"(?:{"|".join(Status)})")'
)
_MAY_BE_MISSING = re.compile(r"\tstored\tuploaded$")


def matches(printed: str, actual: str) -> bool:
    """Return whether `actual` is what a page prints, but for what differs from run to run."""
    pattern = "".join(map(_lines_pattern, printed.strip("\n").splitlines()))
    lines = actual.strip("\n").splitlines()
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in lines)) is not None


def _lines_pattern(line: str) -> str:
    if line.strip() == "…":
        return r"(?:.*\n)*"
    pattern = _line_pattern(line.rstrip()) + r"\n"
    return f"(?:{pattern})?" if _MAY_BE_MISSING.search(line) else pattern


def _line_pattern(line: str) -> str:
    pattern, end = "", 0
    for match in _VOLATILE.finditer(line):
        pattern += re.escape(line[end : match.start()]) + _any_of_its_kind(match)
        end = match.end()
    return pattern + re.escape(line[end:])


def _any_of_its_kind(match: re.Match[str]) -> str:
    if quoted := match["status"]:
        status = Status(quoted.strip('"'))
        return f'"(?:{"|".join([status, *_LATER_STATUSES.get(status, ())])})"'
    assert match.lastgroup is not None
    return _ANY[match.lastgroup]
