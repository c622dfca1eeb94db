"""The bodies of Uppy's requests. What it sends beyond these fields is ignored, since it may send more some day."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from chalicelib.core.accounts.model import Owners
from chalicelib.core.media_types.names import is_media_type
from chalicelib.core.storage import PartRef
from chalicelib.core.uploads.limits import MAX_PARTS
from chalicelib.core.uploads.sign_request import SignRequest
from chalicelib.core.uploads.unsized_file import UnsizedFile
from chalicelib.http.companion.parameters import MultipartUploadId, PartNumber
from chalicelib.http.companion.uppy_metadata import read_metadata
from chalicelib.http.parameter_types import FileName


class NewMultipartUpload(Struct):
    """The file to upload."""

    filename: Annotated[FileName, Meta(description="The file's name.")]
    type: Annotated[str | None, Meta(description="The file's media type. Another text is ignored.")] = None
    metadata: Annotated[
        dict[str, Any] | None,
        Meta(description="The file's metadata. `name`, `type` and what is null are ignored."),
    ] = None


class UppyPart(Struct):
    """A part that was sent."""

    number: PartNumber = field(name="PartNumber")
    etag: Annotated[str, Meta(description="Of S3's response, with or without quotation marks.")] = field(
        name="ETag"
    )


class UppyParts(Struct):
    """The file's parts."""

    parts: Annotated[list[UppyPart], Meta(max_length=MAX_PARTS, description="All, in ascending order.")]

    def refs(self) -> list[PartRef]:
        """Return the parts as the core has them."""
        return [PartRef(number=part.number, etag=part.etag.strip('"')) for part in self.parts]


class UnsignedRequest(Struct, rename="camel"):
    """A request to S3, as Uppy's `signRequest` gets it. Uppy tells the content type of a whole file since
    @uppy/aws-s3 6.3, which can also send a form."""

    method: Annotated[
        Literal["GET", "PUT", "POST", "DELETE"],
        Meta(
            description="Without `uploadId`: PUT of a whole file, or POST to create a multipart upload. With it: "
            "PUT of a part, GET of the list of parts, POST to complete, DELETE to abort."
        ),
    ]
    key: Annotated[
        FileName,
        Meta(
            description="At first the file's name: what follows the last `/`, without a UUID before it. Later the "
            "`key` of the first response."
        ),
    ]
    upload_id: Annotated[MultipartUploadId | None, Meta(description="S3's id of the multipart upload.")] = None
    part_number: Annotated[PartNumber | None, Meta(description="Of the part that is PUT.")] = None
    content_type: Annotated[
        str | None, Meta(description="The media type of a whole file. Another text is ignored.")
    ] = None

    def command(self, owner: str, owners: Owners, file_id: UUID) -> SignRequest:
        """Return the request as the core has it. `owner` and `file_id` are for a new file."""
        return SignRequest(
            owner=owner,
            owners=owners,
            file_id=file_id,
            method=self.method,
            key=self.key,
            upload_id=self.upload_id,
            part_number=self.part_number,
            declared_type=_media_type_or_none(self.content_type),
            accepts_form=self.content_type is not None,
        )


def unsized_file(name: str, media_type: str | None, metadata: Mapping[str, Any] | None) -> UnsizedFile:
    """Return the file as the core has it. Raises ServiceError(INVALID_METADATA)."""
    return UnsizedFile(name=name, declared_type=_media_type_or_none(media_type), metadata=read_metadata(metadata))


def _media_type_or_none(text: str | None) -> str | None:
    """Return the declared media type. Browsers don't know that of every file, and pages may declare anything."""
    return text if text and is_media_type(text) else None
