"""`filectl usage`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from filectl.invocation import Invocation, common_options
from filectl.output import Output
from filectl.text import human_size, local_time, printable

if TYPE_CHECKING:
    from file_loader_client import Quota, Usage


@click.command
@common_options
@click.pass_obj
def usage(invocation: Invocation) -> None:
    """Show what you have used of your limits, and what is left.

    \b
    On a terminal, in words. Otherwise lines with tabs between: name, used,
    limit, left. Sizes are in bytes; what has no limit has nothing there.
    With --json, as the service has it.
    """
    with invocation.connect() as client:
        found = client.usage()
    output = invocation.output
    if output.as_json:
        output.write_json(found)
    elif output.is_table:
        output.write_fields(_describe(found))
    else:
        _write_lines(output, found)


def _describe(found: "Usage") -> dict[str, str]:
    """Return the limits in words."""
    rate = found.requests_per_minute.limit
    end = f"until {local_time(found.day_ends_at)}"
    return {
        "owner": printable(found.owner),
        "files": _describe_quota(found.files, str),
        "bytes": _describe_quota(found.bytes, human_size),
        "files today": f"{_describe_quota(found.files_today, str)}, {end}",
        "bytes today": f"{_describe_quota(found.bytes_today, human_size)}, {end}",
        "requests a minute": "no limit" if rate is None else f"{rate} at most",
        "largest file": "no limit" if found.max_file_bytes is None else human_size(found.max_file_bytes),
        "allowed types": "all" if found.allowed_types is None else printable(", ".join(found.allowed_types)),
        "denied types": printable(", ".join(found.denied_types or ())) or "none",
    }


def _describe_quota(quota: "Quota", show: Callable[[int], str]) -> str:
    if quota.limit is None or quota.left is None:
        return f"{show(quota.used)} (no limit)"
    return f"{show(quota.used)} of {show(quota.limit)} ({show(quota.left)} left)"


def _write_lines(output: Output, found: "Usage") -> None:
    for name in ("files", "bytes", "files_today", "bytes_today"):
        quota: Quota = getattr(found, name)
        output.write("\t".join([name, str(quota.used), _number(quota.limit), _number(quota.left)]))
    for name, limit in (
        ("requests_per_minute", _number(found.requests_per_minute.limit)),
        ("max_file_bytes", _number(found.max_file_bytes)),
        ("allowed_types", " ".join(found.allowed_types or ())),
        ("denied_types", " ".join(found.denied_types or ())),
    ):
        output.write(f"{name}\t\t{printable(limit)}\t")


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
