"""Change a file's name or its metadata."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.files.get_file import require_file
from chalicelib.core.files.metadata import check_metadata
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files, NewName
from chalicelib.core.media_types.type_mismatch import is_mismatch


class UpdateFile(Struct, frozen=True):
    """Give the file another name, other metadata, or both. None leaves it as it is."""

    owners: Owners
    file_id: UUID
    name: str | None = None
    """`clean_filename` keeps its last part."""
    metadata: Mapping[str, str] | None = None
    """All of it: what the file had before is gone."""


def update_file(command: UpdateFile, *, files: Files) -> File:
    """Change the file and return it. One statement; with a name two. Its object keeps its key.

    With a name, the first statement reads what the type mismatch depends on, because the name's extension does.

    Raises ServiceError: INVALID_NAME, INVALID_METADATA, FILE_NOT_FOUND, DATABASE_UNAVAILABLE,
    INSUFFICIENT_STORAGE.
    """
    metadata = None if command.metadata is None else check_metadata(command.metadata)
    if command.name is None and metadata is None:
        return require_file(files.get(command.owners, command.file_id))
    name = None if command.name is None else _new_name(command, clean_filename(command.name), files)
    return require_file(files.update(command.owners, command.file_id, name=name, metadata=metadata))


def _new_name(command: UpdateFile, name: str, files: Files) -> NewName:
    file = require_file(files.get(command.owners, command.file_id))
    mismatch = is_mismatch(name, file.declared_type, file.detected_type, result=file.result)
    return NewName(name, mismatch, file.version)
