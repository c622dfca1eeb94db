"""The bodies of requests about uploads."""

from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.core.files.model import Checksum
from chalicelib.core.media_types.names import MEDIA_TYPE_PATTERN
from chalicelib.core.storage import PartRef
from chalicelib.core.uploads.create_upload import AnnouncedFile
from chalicelib.core.uploads.limits import MAX_PARTS, URLS_PER_REQUEST
from chalicelib.http.parameter_types import FileName


class Sha256(Struct, frozen=True, forbid_unknown_fields=True, tag_field="algorithm", tag="sha256"):
    """The file's SHA-256. S3 verifies it if the file is uploaded by one request, otherwise processing does."""

    value: Annotated[str, Meta(pattern="^[0-9a-f]{64}$(?!\\n)", description="Hexadecimal, in lower case.")]


class Crc64Nvme(Struct, frozen=True, forbid_unknown_fields=True, tag_field="algorithm", tag="crc64nvme"):
    """The file's CRC-64/NVME, which S3 verifies."""

    value: Annotated[str, Meta(pattern="^[0-9a-f]{16}$(?!\\n)", description="Hexadecimal, in lower case.")]


class NewUpload(Struct, forbid_unknown_fields=True):
    """The file to upload."""

    name: Annotated[FileName, Meta(description="The file's name.")]
    size: Annotated[int, Meta(ge=0, description="Bytes.")]
    type: Annotated[
        Annotated[str, Meta(pattern=rf"^{MEDIA_TYPE_PATTERN}$(?!\n)")] | None,
        Meta(description="The file's media type."),
    ] = None
    checksum: Annotated[Sha256 | Crc64Nvme | None, Meta(description="Of all the file's bytes.")] = None

    def announced(self) -> AnnouncedFile:
        """Return the file as the core has it."""
        return AnnouncedFile(
            name=self.name, size=self.size, declared_type=self.type, checksum=_checksum(self.checksum)
        )


class PartNumbers(Struct, forbid_unknown_fields=True):
    """The parts to return URLs of."""

    numbers: Annotated[
        list[int],
        Meta(
            min_length=1,
            max_length=URLS_PER_REQUEST,
            description="From 1 to `part_count`, each once.",
            extra_json_schema={"uniqueItems": True},
        ),
    ]


class SentPart(Struct, frozen=True, forbid_unknown_fields=True):
    """A part that was sent."""

    number: Annotated[int, Meta(ge=1, le=MAX_PARTS)]
    etag: Annotated[str, Meta(description="Of S3's response to the part, with or without quotation marks.")]


class SentParts(Struct, forbid_unknown_fields=True):
    """All parts of the file."""

    parts: Annotated[
        list[SentPart] | None,
        Meta(description="In ascending order. Without them, S3 is asked which parts it has."),
    ] = None

    def refs(self) -> list[PartRef] | None:
        """Return the parts as the core has them."""
        if self.parts is None:
            return None
        return [PartRef(number=part.number, etag=part.etag.strip('"')) for part in self.parts]


def _checksum(given: Sha256 | Crc64Nvme | None) -> Checksum | None:
    if given is None:
        return None
    return Checksum("sha256" if isinstance(given, Sha256) else "crc64nvme", given.value)
