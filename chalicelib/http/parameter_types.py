"""Types of parameters that several routes have."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from chalicelib.core.files.file_list import MAX_LIMIT
from chalicelib.core.files.filenames import NAME_PATTERN
from chalicelib.core.files.metadata import KEY_PATTERN, MAX_ENTRIES, MAX_VALUE_LENGTH, find_fault
from chalicelib.core.log_context import bind_request_file
from chalicelib.http.declarations import Header, Path, Query, QueryMap
from chalicelib.http.errors import MALFORMED_ID
from chalicelib.http.operation import Parameter

FileId = Annotated[UUID, Meta(description="The file's `id`."), Path(MALFORMED_ID, bind_request_file)]

UploadId = Annotated[
    UUID, Meta(description="The upload's `id`, which is its file's."), Path(MALFORMED_ID, bind_request_file)
]

TokenId = Annotated[UUID, Meta(description="The token's `id`.")]

IdempotencyKey = Annotated[
    str | None,
    Meta(
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$(?!\n)",
        description="Any unique text, such as a UUID. The same key again returns the same upload.",
    ),
    Header("Idempotency-Key"),
]

Text = Annotated[str, Meta(extra_json_schema={"pattern": r"^[^\u0000]*$"})]
"""Any text that PostgreSQL can hold. Only described here: `parse_value` holds every parameter to it."""

FileName = Annotated[str, Meta(extra_json_schema={"pattern": NAME_PATTERN})]
"""A file's name. Only described here: `clean_filename` validates it, and its error says what is wrong."""

_VALUE_SCHEMA = {"maxLength": MAX_VALUE_LENGTH, "pattern": r"^[^\u0000]*$"}

MetadataValue = Annotated[str, Meta(extra_json_schema=_VALUE_SCHEMA)]

Metadata = Annotated[
    dict[str, MetadataValue],
    Meta(extra_json_schema={"propertyNames": {"pattern": f"^{KEY_PATTERN}$"}, "maxProperties": MAX_ENTRIES}),
]
"""Metadata of a file. Only described here: `check_metadata` validates it, and its error says what is wrong."""

METADATA_PREFIX = "metadata."
"""Of the names of query parameters, and of a form's fields."""

_NAME_PATTERN = rf"^metadata\.{KEY_PATTERN}$"

METADATA_FIELDS: dict[str, Any] = {"patternProperties": {_NAME_PATTERN: {"type": "string", **_VALUE_SCHEMA}}}
"""The schema of a form's fields of metadata."""

MetadataParameters = Annotated[
    dict[str, MetadataValue],
    Meta(extra_json_schema={"propertyNames": {"pattern": _NAME_PATTERN}, "maxProperties": MAX_ENTRIES}),
    QueryMap(METADATA_PREFIX, find_fault=find_fault, other_names=("meta", "tag", "tags", "label", "labels")),
]
"""Query parameters of metadata, described with their whole names."""

Limit = Annotated[
    int,
    Meta(ge=1, le=MAX_LIMIT, description="How many to return. A page may have fewer, because it ends at 5 MB."),
    Query(
        other_names=("page_size", "per_page", "size", "count", "max", "max_results", "first", "take", "rows", "n")
    ),
]

IfNoneMatch = Annotated[
    str | None,
    Meta(description="ETags that the client has. If one is the file's, the response is 304."),
    Header("If-None-Match"),
]

RedirectWanted = Annotated[
    bool, Meta(description="`false`: the response isn't a redirect to the URL, but JSON that has it.")
]

FORMAT = Parameter(
    name="format",
    argument="format",
    location="query",
    annotation=Annotated[
        Literal["json"] | None,
        Meta(description="Accepted for clients of the service that this one replaces. Has no effect."),
    ],
    required=False,
    default=None,
    marker=Query(),
)
