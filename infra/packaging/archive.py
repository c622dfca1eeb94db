"""Writing reproducible zip files, which depend only on the names and contents of their files."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The earliest time that the format can express."""

_REGULAR_AND_READABLE = 0o100644
"""Lambda runs functions as a user of its own, who must be able to read every file.
https://docs.aws.amazon.com/lambda/latest/dg/python-package.html"""

_UNIX = 3


def write_archive(tree: Path, destination: Path) -> None:
    """Write all files below the folder into a new zip, sorted by name, all with the same time and permissions.

    Equal trees give equal bytes, as long as the same zlib compresses them.
    """
    files = {path.relative_to(tree).as_posix(): path for path in tree.rglob("*") if path.is_file()}
    with ZipFile(destination, "w") as archive:
        for name in sorted(files):
            entry = ZipInfo(name, _EARLIEST)
            entry.create_system = _UNIX
            entry.external_attr = _REGULAR_AND_READABLE << 16
            archive.writestr(entry, files[name].read_bytes(), ZIP_DEFLATED)
