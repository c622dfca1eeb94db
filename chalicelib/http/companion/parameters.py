"""Types of the parameters of Uppy's routes."""

from typing import Annotated

from msgspec import Meta

from chalicelib.core.uploads.limits import MAX_PARTS
from chalicelib.http.declarations import Query, QueryMap
from chalicelib.http.parameter_types import Metadata, Text

_NUMBER = r"([1-9]\d{0,3}|10000)"

MultipartUploadId = Annotated[
    Text, Meta(min_length=1, max_length=1024, description="S3's id of the multipart upload: the `uploadId`.")
]

ObjectKey = Annotated[Text, Meta(max_length=1024, description="The `key` of the upload.")]

PartNumber = Annotated[int, Meta(ge=1, le=MAX_PARTS, description="The first part is number 1.")]

PartNumbers = Annotated[
    str,
    Meta(
        pattern=rf"^{_NUMBER}(,{_NUMBER})*$(?!\n)",
        max_length=5000,
        description="Numbers of parts, such as `1,2,3`.",
    ),
    Query("partNumbers", requirement=f"must be integers from 1 to {MAX_PARTS}, separated by commas"),
]

UppyMetadata = Annotated[
    Metadata,
    Meta(description="The file's metadata: `metadata[order]=7`. `name`, `type` and what is `null` are ignored."),
    QueryMap("metadata[", "]"),
]

UppyType = Annotated[Text, Meta(description="The file's media type. Another text is ignored.")]


def parse_part_numbers(text: str) -> list[int]:
    """Return the numbers of a valid parameter."""
    return [int(number) for number in text.split(",")]
