"""Rename a file."""

from dataclasses import dataclass
from uuid import UUID

from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.files.get_file import require_file
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files
from chalicelib.core.media_types.type_mismatch import is_mismatch


@dataclass(frozen=True, slots=True)
class RenameFile:
    """Give the file another name, of which `clean_filename` keeps the last part."""

    owner: str
    file_id: UUID
    name: str


def rename_file(command: RenameFile, *, files: Files) -> File:
    """Rename the file and return it. Two statements; its object keeps its key.

    The first statement reads what the type mismatch depends on, because the name's extension does.

    Raises ServiceError: INVALID_NAME, FILE_NOT_FOUND, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    name = clean_filename(command.name)
    file = require_file(files.get(command.owner, command.file_id))
    mismatch = is_mismatch(name, file.declared_type, file.detected_type, result=file.result)
    renamed = files.rename(command.owner, command.file_id, name, mismatch, file.version)
    return require_file(renamed)
