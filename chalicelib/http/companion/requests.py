"""The bodies of Uppy's requests. What it sends beyond these fields is ignored, since it may send more some day."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from chalicelib.core.storage import PartRef
from chalicelib.core.uploads.limits import MAX_PARTS
from chalicelib.http.parameter_types import FileName

PartNumber = Annotated[int, Meta(ge=1, le=MAX_PARTS, description="The first part is number 1.")]

UppyType = Annotated[str, Meta(description="The file's media type. Another text is ignored.")]


class NewMultipartUpload(Struct):
    """The file to upload."""

    filename: Annotated[FileName, Meta(description="The file's name.")]
    type: UppyType | None = None
    metadata: Annotated[
        dict[str, Any] | None,
        Meta(description="The file's metadata. `name`, `type` and what is null are ignored."),
    ] = None


class SentPart(Struct):
    """A part that was sent."""

    number: Annotated[int, Meta(ge=1, le=MAX_PARTS)] = field(name="PartNumber")
    etag: Annotated[str, Meta(description="Of S3's response, with or without quotation marks.")] = field(
        name="ETag"
    )


class SentParts(Struct):
    """The file's parts."""

    parts: Annotated[list[SentPart], Meta(max_length=MAX_PARTS, description="All, in ascending order.")]

    def refs(self) -> list[PartRef]:
        """Return the parts as the core has them."""
        return [PartRef(number=part.number, etag=part.etag.strip('"')) for part in self.parts]


class UnsignedRequest(Struct, rename="camel"):
    """A request to S3, as Uppy's `signRequest` gets it."""

    method: Annotated[
        Literal["GET", "PUT", "POST", "DELETE"],
        Meta(
            description="Without `uploadId`: PUT of a whole file, or POST to create a multipart upload. With it: PUT "
            "of a part, GET of the list of parts, POST to complete, DELETE to abort."
        ),
    ]
    key: Annotated[
        FileName,
        Meta(
            description="At first the file's name: what follows the last `/`, without a UUID before it. Later the "
            "`key` of the first response."
        ),
    ]
    upload_id: Annotated[str | None, Meta(description="S3's id of the multipart upload.")] = None
    part_number: PartNumber | None = None
    content_type: UppyType | None = None
