"""The JSON form of an owner's usage and limits."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.core.limits.get_usage import UsedLimits
from chalicelib.http.resources.times import Time, rfc3339

LimitOrNone = Annotated[int | None, Meta(description="Null: no limit.")]


class UsedQuota(Struct):
    """How much of a quota is used."""

    used: Annotated[int, Meta(description="Files or bytes.")]
    limit: LimitOrNone
    left: Annotated[int | None, Meta(description="Null: no limit. 0 also where more is used than allowed.")]


class RequestRate(Struct):
    """How many requests are allowed in a minute."""

    limit: LimitOrNone


class UsageResource(Struct):
    """What an owner has used and has left."""

    owner: Annotated[str, Meta(description="Whose files are counted.")]
    files: Annotated[UsedQuota, Meta(description="Files stored: all but `expired` and `rejected` ones.")]
    bytes: Annotated[UsedQuota, Meta(description="Bytes of these files, of those whose size is known.")]
    files_today: Annotated[UsedQuota, Meta(description="Files added today (UTC), also if they are gone by now.")]
    bytes_today: Annotated[UsedQuota, Meta(description="Bytes added today (UTC), also if they are gone by now.")]
    requests_per_minute: RequestRate
    max_file_bytes: Annotated[int, Meta(description="The size of the largest file that is accepted.")]
    allowed_types: Annotated[
        list[str] | None, Meta(description="Media types of files, such as `image/*`. Null: all.")
    ]
    denied_types: Annotated[list[str], Meta(description="Of those that are allowed.")]
    day_ends_at: Annotated[Time, Meta(description="The next midnight (UTC).")]


def usage_resource(used: UsedLimits) -> UsageResource:
    """Return the JSON form of the usage."""
    usage, limits, quotas = used.usage, used.limits, used.limits.quotas
    return UsageResource(
        owner=used.owner,
        files=_used_quota(usage.files, quotas.max_files),
        bytes=_used_quota(usage.bytes, quotas.max_stored_bytes),
        files_today=_used_quota(usage.files_today, quotas.max_files_per_day),
        bytes_today=_used_quota(usage.bytes_today, quotas.max_bytes_per_day),
        requests_per_minute=RequestRate(limit=limits.requests_per_minute),
        max_file_bytes=limits.max_file_bytes,
        allowed_types=list(limits.allowed_types) or None,
        denied_types=list(limits.denied_types),
        day_ends_at=rfc3339(usage.day_ends_at),
    )


def _used_quota(used: int, limit: int | None) -> UsedQuota:
    return UsedQuota(used=used, limit=limit, left=None if limit is None else max(0, limit - used))
