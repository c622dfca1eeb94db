"""The JSON form of the service's health."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.core.health.check_health import ComponentStatus, Health


class HealthResource(Struct):
    """The status of each part of the service."""

    status: Annotated[Literal["ok", "unhealthy"], Meta(description="`unhealthy` if a part isn't `ok`.")]
    database: Annotated[ComponentStatus, Meta(description="`ok` or `unavailable`.")]
    storage: Annotated[
        ComponentStatus,
        Meta(
            description="`ok`, `unavailable`, or `full` while it refuses uploads because its disk is nearly full "
            "(`make run`, MinIO)."
        ),
    ]
    processing: Annotated[
        ComponentStatus,
        Meta(
            description="`ok`; `degraded` if the oldest waiting file has waited longer than "
            "`HEALTH_MAX_QUEUE_AGE_SECONDS` (15 minutes); `unavailable` if the database can't say."
        ),
    ]
    oldest_queued_age_seconds: Annotated[
        float | None, Meta(description="How long that file has waited; null if none waits.")
    ]


class UnhealthyResource(HealthResource, kw_only=True):
    """The status of each part of a service that is unhealthy, as an error."""

    error: Annotated[Literal["unhealthy"], Meta(description="`unhealthy`.")]
    message: Annotated[str, Meta(description="The parts that fail.")]
    requestId: Annotated[str, Meta(description="The request's id, which is also in the log.")]  # noqa: N815  # its JSON name


def health_resource(health: Health) -> HealthResource:
    """Return the JSON form of the health of each part."""
    return HealthResource(
        status="ok" if health.healthy else "unhealthy",
        database=health.database,
        storage=health.storage,
        processing=health.processing,
        oldest_queued_age_seconds=None if health.oldest_wait is None else health.oldest_wait.total_seconds(),
    )
