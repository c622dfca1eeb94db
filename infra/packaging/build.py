"""Building the deployment package: the zip file that Lambda runs, with the same bytes for the same sources.

`make package` builds one for each architecture into build/package/. It holds what Chalice's own package would,
without the files that no function needs (`infra.packaging.file_filter`), with the bytecode
(`infra.packaging.bytecode`) and with the API's description (`infra.packaging.description`).
"""

import shutil
import tempfile
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from infra.errors import InfraError
from infra.packaging.archive import write_archive
from infra.packaging.bytecode import compile_tree
from infra.packaging.dependencies import WHEEL_MACHINES, check_pins, install_dependencies, runtime_glibc
from infra.packaging.description import write_description
from infra.packaging.file_filter import is_needed
from infra.packaging.sources import check_web_pages, copy_app, copy_vendored

MAX_ZIPPED = 50 * 1024 * 1024
MAX_UNZIPPED = 250 * 1024 * 1024
"""Lambda's limits in bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

ARCHITECTURES = tuple(WHEEL_MACHINES)

_CHALICE_RUNTIME = frozenset({"chalice/__init__.py", "chalice/app.py"})
"""All that a deployed function needs of Chalice, and all that Chalice itself packages of it."""


def build_package(project: Path, architecture: str, destination: Path, *, glibc: int | None = None) -> Path:
    """Build the package of a Chalice project, write it to `destination`, and return that path.

    `architecture` is Lambda's name: x86_64 or arm64. The package is for the minor version of Python that runs
    this, which is also the one that Chalice deploys to. `glibc` is the minor version of glibc 2 on the machine
    that will run it, if that isn't Lambda. An existing file is replaced atomically, and only by a complete
    package. Raises InfraError; then the file at `destination` is unchanged.
    """
    check_web_pages(project)
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".building-") as scratch:
        tree = Path(scratch, "tree")
        tree.mkdir()
        install_dependencies(project, tree, architecture, runtime_glibc() if glibc is None else glibc)
        copy_chalice_runtime(tree)
        check_pins(project / "constraints.txt", tree)
        copy_app(project, tree)
        copy_vendored(project, tree)
        prune(tree)
        write_description(tree)
        compile_tree(tree)
        archive = Path(scratch, "package.zip")
        write_archive(tree, archive)
        check_size(*package_sizes(archive))
        archive.replace(destination)
    return destination


def package_sizes(package: Path) -> tuple[int, int]:
    """Return the size of the zip file and the total size of its files, in bytes."""
    with ZipFile(package) as archive:
        return package.stat().st_size, sum(entry.file_size for entry in archive.infolist())


def check_size(zipped: int, unzipped: int) -> None:
    """Raise InfraError if Lambda would refuse a package of so many bytes."""
    for state, size, limit in (("zipped", zipped, MAX_ZIPPED), ("unzipped", unzipped, MAX_UNZIPPED)):
        if size > limit:
            raise InfraError(
                f"The package has {size:,} bytes {state}. Lambda's limit is {limit:,}. Exclude files in"
                " infra/packaging/file_filter.py."
            )


def copy_chalice_runtime(tree: Path) -> None:
    """Add the installed Chalice's runtime and licence. pip would install its command line tool as well."""
    chalice = distribution("chalice")
    for file in chalice.files or ():
        if file.as_posix() in _CHALICE_RUNTIME or file.parts[0].endswith(".dist-info"):
            target = tree / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(chalice.locate_file(file)), target)


def prune(tree: Path) -> None:
    """Delete the files that no function needs."""
    for path in tree.rglob("*"):
        if path.is_file() and not is_needed(PurePosixPath(path.relative_to(tree))):
            path.unlink()
