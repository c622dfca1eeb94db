"""The bodies of requests about uploads."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.core.files.model import Checksum
from chalicelib.core.media_types.names import MEDIA_TYPE_PATTERN
from chalicelib.core.storage import PartRef
from chalicelib.core.uploads.create_upload import AnnouncedFile
from chalicelib.core.uploads.limits import MAX_PARTS, URLS_PER_REQUEST
from chalicelib.http.parameter_types import FileName, Metadata

_DIGITS = {"sha256": 64, "crc64nvme": 16}
"""Of a checksum in hexadecimal, by its algorithm."""


class GivenChecksum(Struct, frozen=True, forbid_unknown_fields=True):
    """A checksum that the stored bytes must have."""

    algorithm: Annotated[
        Literal["sha256", "crc64nvme"],
        Meta(description="Of a file in parts S3 verifies only `crc64nvme`; processing verifies the other."),
    ]
    value: Annotated[
        str,
        Meta(
            pattern=r"^([0-9a-f]{64}|[0-9a-f]{16})$(?!\n)",
            description="Hexadecimal, in lower case: 64 digits of a SHA-256, 16 of a CRC-64/NVME.",
        ),
    ]

    def __post_init__(self) -> None:
        """Raise ValueError if the value has another algorithm's length; msgspec adds where it is."""
        if len(self.value) != _DIGITS[self.algorithm]:
            raise ValueError(f"a {self.algorithm} has {_DIGITS[self.algorithm]} digits")


_OF_ITS_LENGTH = {
    "oneOf": [
        {"properties": {"algorithm": {"const": name}, "value": {"minLength": digits, "maxLength": digits}}}
        for name, digits in _DIGITS.items()
    ]
}
"""What the JSON schema of a given checksum says of its value's length."""


class NewUpload(Struct, forbid_unknown_fields=True):
    """The file to upload."""

    name: Annotated[FileName, Meta(description="The file's name.")]
    size: Annotated[int, Meta(ge=0, description="Bytes.")]
    type: Annotated[
        Annotated[str, Meta(pattern=rf"^{MEDIA_TYPE_PATTERN}$(?!\n)")] | None,
        Meta(description="The file's media type."),
    ] = None
    checksum: Annotated[
        Annotated[GivenChecksum, Meta(extra_json_schema=_OF_ITS_LENGTH)] | None,
        Meta(description="Of all the file's bytes."),
    ] = None

    metadata: Annotated[
        Metadata | None, Meta(description="Up to 20 short texts of the client's own, by name; 2,048 bytes in all.")
    ] = None

    def announced(self) -> AnnouncedFile:
        """Return the file as the core has it."""
        return AnnouncedFile(
            name=self.name,
            size=self.size,
            declared_type=self.type,
            checksum=Checksum(self.checksum.algorithm, self.checksum.value) if self.checksum else None,
            metadata=self.metadata or {},
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

    number: Annotated[int, Meta(ge=1, le=MAX_PARTS, description="The first part is number 1.")]
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
