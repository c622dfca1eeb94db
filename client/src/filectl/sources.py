"""What `filectl upload` uploads: files, folders, standard input."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filectl.errors import UsageError

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to upload."""

    path: Path
    label: str
    """As the user knows it."""
    size: int | None
    """Bytes; None for a stream, which can be read only once."""
    modified_ns: int = 0
    relative_path: str | None = None
    """Of a file found in a folder: its path from there with `/`, beginning with the folder's name."""

    @property
    def name(self) -> str:
        """Return its name without folders, with U+FFFD for bytes that aren't UTF-8, which JSON can't have."""
        return _as_unicode(self.path.name)


def find_sources(
    paths: Sequence[str], warn: Callable[[str], None], fail: Callable[[OSError], None]
) -> Iterator[Source]:
    """Yield the files that the arguments of `upload` mean, those of a folder in the order of their paths.

    Hidden files are files. A symbolic link to a file is uploaded as that file; one to a folder is followed only if
    it is an argument, because links may form a circle. Folders without files have nothing to upload.

    `warn` gets what is left out, `fail` what can't be read. Raises UsageError for an argument that doesn't exist.
    """
    for path in paths:
        if not path:  # of a variable that isn't set: Path("") would be the current folder
            raise UsageError("An argument is empty: it should be a file or a folder.")
        if path != STANDARD_INPUT and not Path(path).exists():
            raise UsageError(f"There is no file {path}.")
    for path in paths:
        if path == STANDARD_INPUT:
            yield Source(Path(STANDARD_INPUT), "standard input", None)
        elif Path(path).is_dir():
            yield from _find_in_folder(Path(path), warn, fail)
        else:
            yield _describe(Path(path))


def _find_in_folder(top: Path, warn: Callable[[str], None], fail: Callable[[OSError], None]) -> Iterator[Source]:
    top_name = top.resolve().name  # also of `.`
    is_empty = True
    for folder, folder_names, names in os.walk(top, onerror=fail):
        folder_names.sort()
        for link in (path for path in map(Path(folder).joinpath, folder_names) if path.is_symlink()):
            warn(f"{link} is a symbolic link to a folder: it isn't followed.")
        for path in map(Path(folder).joinpath, sorted(names)):
            is_empty = False
            try:
                source = _describe(path, _as_unicode(Path(top_name, path.relative_to(top)).as_posix()))
            except OSError as error:  # removed meanwhile, or a link that leads nowhere
                fail(error)
                continue
            if source.size is None:
                warn(f"{path} isn't a file: it isn't uploaded.")
            else:
                yield source
    if is_empty:
        warn(f"There are no files in {top}.")


def _describe(path: Path, relative_path: str | None = None) -> Source:
    status = path.stat()
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return Source(path, str(path), size, status.st_mtime_ns, relative_path)


def _as_unicode(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")
