"""The JSON form of what an administrator sees of the whole service."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from chalicelib.core.administration.model import (
    Count,
    FailureCount,
    LastSweep,
    LateFile,
    Overview,
    Precision,
    SweepEnd,
)
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.mark_for_reprocessing import MarkResult
from chalicelib.http.resources.times import Time, rfc3339

Files = Annotated[int, Meta(description="The number of files.")]


class CountResource(Struct):
    """A number of files."""

    files: Files
    precision: Precision


class StatusCountResource(Struct):
    """How many files have a status."""

    status: Status
    files: Files
    precision: Precision


class TypeCountResource(Struct):
    """How many files have types of a family."""

    type: Annotated[
        str | None,
        Meta(description="For the parameter `type` of lists, such as `image/*`. Null: no type is known yet."),
    ]
    files: Files
    precision: Precision


class FailureCountResource(Struct):
    """How many files have failed, or were rejected, with an error in the last seven days."""

    code: Annotated[str, Meta(description="The `error.code` of the files.")]
    files: Files
    precision: Precision
    newest_at: Annotated[Time, Meta(description="When the newest of them has failed.")]


class LateFileResource(Struct):
    """A file that has waited too long."""

    id: Annotated[UUID, Meta(description="The file's id.")]
    owner: Annotated[str, Meta(description="Whose file it is.")]
    name: Annotated[str, Meta(description="The file's name.")]
    status: Status
    attempts: Annotated[int, Meta(description="How often processing it has begun.")]
    waiting_since: Annotated[Time, Meta(description="When it was queued.")]


class LateFilesResource(Struct):
    """Files that have waited to be processed for longer than `HEALTH_MAX_QUEUE_AGE_SECONDS` (15 minutes)."""

    files: Files
    precision: Precision
    longest: Annotated[list[LateFileResource], Meta(description="Those that have waited longest, at most 20.")]


class LastSweepResource(Struct):
    """The sweep that ended last. There is one every minute."""

    finished_at: Annotated[Time, Meta(description="When it ended.")]
    seconds: Annotated[float, Meta(description="How long it took.")]
    end: SweepEnd
    outcomes: Annotated[
        dict[str, int], Meta(description="How often each outcome occurred; the metrics have the same names.")
    ]


class OverviewResource(Struct):
    """What the service holds, and what needs attention."""

    measured_at: Annotated[Time, Meta(description="The moment that the numbers are of.")]
    statuses: Annotated[list[StatusCountResource], Meta(description="All statuses.")]
    types: Annotated[list[TypeCountResource], Meta(description="The most frequent first.")]
    late: LateFilesResource
    failures: Annotated[list[FailureCountResource], Meta(description="The most frequent first.")]
    to_be_reprocessed: Annotated[
        CountResource,
        Meta(description="Files that `POST /api/admin/reprocess` has marked, and no sweep processed."),
    ]
    last_sweep: Annotated[LastSweepResource | None, Meta(description="Null before the first one.")]


class MarkedFiles(Struct):
    """Which files were examined and marked."""

    examined: Annotated[int, Meta(description="How many files this request has examined.")]
    marked: Annotated[int, Meta(description="How many of them it has marked.")]
    after: Annotated[
        UUID | None, Meta(description="For the next request, which continues. Null: all files were examined.")
    ]


def overview_resource(overview: Overview) -> OverviewResource:
    """Return the JSON form of the overview."""
    return OverviewResource(
        measured_at=rfc3339(overview.measured_at),
        statuses=[
            StatusCountResource(status=status, files=count.files, precision=count.precision)
            for status, count in overview.statuses.items()
        ],
        types=[
            TypeCountResource(
                type=None if family is None else f"{family}/*", files=count.files, precision=count.precision
            )
            for family, count in overview.families.items()
        ],
        late=LateFilesResource(
            files=overview.late.count.files,
            precision=overview.late.count.precision,
            longest=[_late_file(file) for file in overview.late.longest],
        ),
        failures=[_failure_count(failure) for failure in overview.failures],
        to_be_reprocessed=_count(overview.marked),
        last_sweep=None if overview.last_sweep is None else _last_sweep(overview.last_sweep),
    )


def marked_files(result: MarkResult) -> MarkedFiles:
    """Return the JSON form of the result."""
    return MarkedFiles(examined=result.examined, marked=result.marked, after=result.after)


def _count(count: Count) -> CountResource:
    return CountResource(files=count.files, precision=count.precision)


def _late_file(file: LateFile) -> LateFileResource:
    return LateFileResource(
        id=file.id,
        owner=file.owner,
        name=file.name,
        status=file.status,
        attempts=file.attempts,
        waiting_since=rfc3339(file.waiting_since),
    )


def _failure_count(failure: FailureCount) -> FailureCountResource:
    return FailureCountResource(
        code=failure.code,
        files=failure.count.files,
        precision=failure.count.precision,
        newest_at=rfc3339(failure.newest_at),
    )


def _last_sweep(last: LastSweep) -> LastSweepResource:
    return LastSweepResource(
        finished_at=rfc3339(last.finished_at),
        seconds=round(last.sweep.duration.total_seconds(), 3),
        end=last.sweep.end,
        outcomes=dict(last.sweep.outcomes),
    )
