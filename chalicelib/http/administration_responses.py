"""Responses of the routes of administration."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from urllib.parse import urlencode

from chalicelib.core.administration.model import Overview
from chalicelib.core.limits.get_usage import UsedLimits
from chalicelib.core.processing.mark_for_reprocessing import MarkResult
from chalicelib.http.pagination import link_to
from chalicelib.http.resources.administration import (
    MarkedFiles,
    OverviewResource,
    marked_files,
    overview_resource,
)
from chalicelib.http.resources.usage import UsageResource, usage_resource
from chalicelib.http.responses import Link, UncachedResponse
from chalicelib.http.typed_response import Json


class CurrentOverview(UncachedResponse, frozen=True, kw_only=True):
    """The overview."""

    body: Json[OverviewResource]


class OwnerList(UncachedResponse, frozen=True, kw_only=True):
    """A page of owners."""

    body: Json[list[UsageResource]]
    link: Link


class MarkedForReprocessing(UncachedResponse, frozen=True, kw_only=True):
    """Files are marked; the sweep processes them."""

    status_code: ClassVar[int] = 202
    body: Json[MarkedFiles]


def current_overview(overview: Overview) -> CurrentOverview:
    """Return 200 with the overview."""
    return CurrentOverview(body=Json[OverviewResource].encode(overview_resource(overview)))


def owner_list(query: Mapping[str, str], owners: Sequence[UsedLimits], limit: int, base_url: str) -> OwnerList:
    """Return a page of owners as a bare array, and after a full page the next one's URL."""
    body = Json[list[UsageResource]].encode([usage_resource(used) for used in owners])
    if len(owners) < limit:
        return OwnerList(body=body, link=None)
    next_query = urlencode({**query, "after": owners[-1].owner})
    return OwnerList(body=body, link=link_to(f"{base_url}/api/admin/owners?{next_query}"))


def marked_for_reprocessing(result: MarkResult) -> MarkedForReprocessing:
    """Return 202 with what was marked."""
    return MarkedForReprocessing(body=Json[MarkedFiles].encode(marked_files(result)))
