"""Files whose size their client doesn't tell. Uppy's are such."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct, field

from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.files.model import NewFile
from chalicelib.core.files.object_keys import object_key


class UnsizedFile(Struct, frozen=True, kw_only=True):
    """A file as its client announces it."""

    name: str
    declared_type: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def new_unsized_file(owner: str, file_id: UUID, announced: UnsizedFile) -> NewFile:
    """Return the file, which has no row yet. Raises ServiceError(INVALID_NAME)."""
    name = clean_filename(announced.name)
    return NewFile(
        id=file_id,
        owner=owner,
        name=name,
        object_key=object_key(file_id, name),
        size=None,
        declared_type=announced.declared_type,
        checksum=None,
        metadata=announced.metadata,
    )
