"""The deployment package: the zip that Lambda runs, the same bytes each time it is built.

`make package` builds one for each architecture into build/package/. It holds what Chalice's own package would,
less what no function needs (`infra.packaging.file_filter`) and with the bytecode (`infra.packaging.bytecode`).
"""

import shutil
import tempfile
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from infra.errors import InfraError
from infra.packaging.archive import write_archive
from infra.packaging.bytecode import compile_tree
from infra.packaging.dependencies import MACHINES, install, refuse_what_is_not_pinned, runtime_glibc
from infra.packaging.file_filter import is_needed
from infra.packaging.sources import copy_app, copy_vendored

MAX_ZIPPED = 50 * 1024 * 1024
MAX_UNZIPPED = 250 * 1024 * 1024
"""Bytes that Lambda takes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

ARCHITECTURES = tuple(MACHINES)

_CHALICE = frozenset({"chalice/__init__.py", "chalice/app.py"})
"""All that a deployed function needs of Chalice, and all that Chalice itself packs of it."""


def build_package(project: Path, architecture: str, destination: Path, *, glibc: int | None = None) -> Path:
    """Build the package of a Chalice project, put it at `destination`, and return that.

    `architecture` is Lambda's name: x86_64 or arm64. The package is for the minor version of Python that runs
    this, which is also the one that Chalice deploys to. `glibc` is the minor version of glibc 2 on the machine
    that will run it, if that isn't Lambda. A file that is already there is replaced, at once and only by a whole
    one. Raises InfraError; then the file at `destination` is as it was.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".building-") as scratch:
        tree = Path(scratch, "tree")
        tree.mkdir()
        install(project, tree, architecture, runtime_glibc() if glibc is None else glibc)
        _add_chalice(tree)
        refuse_what_is_not_pinned(project / "constraints.txt", tree)
        copy_app(project, tree)
        copy_vendored(project, tree)
        _drop_what_nobody_needs(tree)
        compile_tree(tree)
        made = Path(scratch, "package.zip")
        write_archive(tree, made)
        refuse_too_large(*sizes(made))
        made.replace(destination)
    return destination


def sizes(package: Path) -> tuple[int, int]:
    """Return the bytes of the zip, and of all its files."""
    with ZipFile(package) as archive:
        return package.stat().st_size, sum(entry.file_size for entry in archive.infolist())


def refuse_too_large(zipped: int, unzipped: int) -> None:
    """Raise InfraError if Lambda would not take a package of so many bytes."""
    for what, size, limit in (("zipped", zipped, MAX_ZIPPED), ("unzipped", unzipped, MAX_UNZIPPED)):
        if size > limit:
            raise InfraError(
                f"The package has {size:,} bytes {what}; Lambda takes {limit:,}. infra/packaging/file_filter.py"
                " says what is left out of it."
            )


def _add_chalice(tree: Path) -> None:
    """Add the installed Chalice's modules and licence. pip can't: it would install the command line tool."""
    chalice = distribution("chalice")
    for file in chalice.files or ():
        if file.as_posix() in _CHALICE or file.parts[0].endswith(".dist-info"):
            target = tree / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(chalice.locate_file(file)), target)


def _drop_what_nobody_needs(tree: Path) -> None:
    for path in tree.rglob("*"):
        if path.is_file() and not is_needed(PurePosixPath(path.relative_to(tree))):
            path.unlink()
