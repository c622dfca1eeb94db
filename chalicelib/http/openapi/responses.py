"""Responses of the route of the description."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
from chalice.app import Chalice
from msgspec import Meta, Struct

from chalicelib.http.conditional import etag_matches
from chalicelib.http.declarations import Header
from chalicelib.http.router import operations
from chalicelib.http.typed_response import Json, TypedResponse

PACKAGED = Path(__file__).with_name("document.json")
"""The document of these sources. Only the deployed package has it: infra/packaging/description.py writes it."""


class OpenApiDocument(Struct):
    """A description of this API in OpenAPI 3.1. https://spec.openapis.org/oas/v3.1.1.html"""

    openapi: Annotated[str, Meta(description="The version of OpenAPI.")]
    info: Annotated[dict[str, Any], Meta(description="The API's title, version and description.")]
    servers: Annotated[
        list[dict[str, Any]],
        Meta(description="The bases of the API's URLs. The first one is the one that the request used, if known."),
    ]
    tags: Annotated[list[dict[str, Any]], Meta(description="Groups of operations.")]
    paths: Annotated[dict[str, Any], Meta(description="The operations, by path and method.")]
    components: Annotated[dict[str, Any], Meta(description="Schemas, responses and examples, by name.")]


ETag = Annotated[str, Meta(description="The description's version, for If-None-Match."), Header("ETag")]
CacheControl = Annotated[
    str, Meta(description="A cached copy is to be checked with If-None-Match."), Header("Cache-Control")
]


class Description(TypedResponse, frozen=True, kw_only=True):
    """The description."""

    status_code: ClassVar[int] = 200
    body: Json[OpenApiDocument]
    etag: ETag
    cache_control: CacheControl = "no-cache"


class UnchangedDescription(TypedResponse, frozen=True, kw_only=True):
    """The client has the current description."""

    status_code: ClassVar[int] = 304
    etag: ETag
    cache_control: CacheControl = "no-cache"


def description(
    app: Chalice, servers: Sequence[str], if_none_match: str | None
) -> Description | UnchangedDescription:
    """Return 200 with the description of the app's operations, or 304 if If-None-Match has its ETag.

    `servers` are the bases of the API's URLs, the preferred one first.
    """
    encoded = msgspec.json.encode({**_document(app), "servers": [{"url": url} for url in servers]})
    etag = f'"{hashlib.sha256(encoded).hexdigest()[:32]}"'
    if etag_matches(if_none_match, etag):
        return UnchangedDescription(etag=etag)
    return Description(body=Json(encoded.decode()), etag=etag)


@cache
def _document(app: Chalice) -> dict[str, msgspec.Raw]:
    """Return the document's members, each as JSON. `servers` is empty, since they depend on the request."""
    try:
        document = PACKAGED.read_bytes()
    except FileNotFoundError:
        from chalicelib.http.openapi.document import build_document  # only this response needs it

        document = msgspec.json.encode(build_document(operations(app), servers=()))
    return msgspec.json.decode(document, type=dict[str, msgspec.Raw])
