"""Rename a file."""

from dataclasses import dataclass
from uuid import UUID

from chalicelib.core.files.get_file import require_file
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files


@dataclass(frozen=True, slots=True)
class RenameFile:
    """Give the file a name that `clean_filename` has returned."""

    owner: str
    file_id: UUID
    name: str


def rename_file(command: RenameFile, *, files: Files) -> File:
    """Rename the file and return it. One statement; its object keeps its key.

    Raises ServiceError: FILE_NOT_FOUND, DATABASE_UNAVAILABLE.
    """
    return require_file(files.rename(command.owner, command.file_id, command.name))
