"""The zip that Lambda gets: as Chalice would build it, without what nothing imports, and compiled.

Chalice's own zip holds no bytecode and /var/task can't be written to, so every cold start would compile boto3 and
SQLAlchemy anew. Sources stay in: without them a traceback shows no lines, and bytecode marked `unchecked-hash` is
loaded without a look at them. The same sources and pins give the same bytes, whenever and wherever they are built,
with the same Python.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import chalice
from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager
from chalice.utils import UI, OSUtils

from infra.failures import InfraError
from infra.project import DEPLOYED

ARCHITECTURES = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Lambda's names, and those that wheels use."""

GLIBC = {11: 26, 12: 34, 13: 34, 14: 34}
"""The minor version of glibc 2 in Lambda's runtimes by Python 3's.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

MAX_ZIPPED = 50 * 1024 * 1024
MAX_UNZIPPED = 250 * 1024 * 1024
"""Bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

TASK = "/var/task"
"""Where Lambda unpacks the zip."""

SERVICES = frozenset({"s3"})
"""Of botocore's descriptions of AWS's services, some 100 MB, those that the functions call."""

UNNEEDED = (
    "bin",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/WHEEL",
    "*.dist-info/direct_url.json",
    "*.dist-info/sboms",
    "boto3/data",
    "boto3/examples",
    "alembic/templates",
    "alembic/testing",
    "sqlalchemy/testing",
    "**/tests",
    "**/py.typed",
    *(f"**/*.{suffix}" for suffix in ("pyi", "pyx", "pxd", "c", "h")),
)
"""What nothing imports at run time. Licences stay: they want to be where the code is. So does METADATA, because
libraries ask importlib.metadata for versions."""


def build_package(project: Path, architecture: str, destination: Path, *, glibc: int | None = None) -> Path:
    """Build the package of the project for one of ARCHITECTURES and the Python that runs this; return its path.

    `glibc` is the minor version of glibc 2 where it will run, that of Lambda unless said. Wheels come from
    wherever pip is set up to look. Raises InfraError.
    """
    if glibc is None:
        glibc = _glibc_of_lambda()
    destination.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as directory:
        root = Path(directory) / "package"
        _install(project / "requirements.txt", root, ARCHITECTURES[architecture], glibc)
        _drop_unneeded(root)
        _add_app(project, root)
        _compile(root)
        unzipped = sum(path.stat().st_size for path in _files(root))
        _zip(root, destination)
    zipped = destination.stat().st_size
    if zipped > MAX_ZIPPED or unzipped > MAX_UNZIPPED:
        raise InfraError(f"{destination.name} has {zipped} bytes, {unzipped} unzipped: more than Lambda takes")
    return destination


def chalice_package(project: Path, architecture: str) -> Path:
    """Return where Chalice looks for a package of this project before it builds one."""
    system = OSUtils()
    packager = LambdaDeploymentPackager(system, DependencyBuilder(system), UI(), architecture)
    return Path(packager.deployment_package_filename(str(project), f"python3.{sys.version_info.minor}"))


def _glibc_of_lambda() -> int:
    minor = sys.version_info.minor
    if minor < 12:
        # Pillow's wheels want glibc 2.27, and Lambda's python3.11 has 2.26.
        raise InfraError(f"a package needs Python 3.12 or newer, not 3.{minor}: say make PYTHON=python3.13 …")
    if minor not in GLIBC:
        raise InfraError(f"infra/package.py doesn't know Lambda's runtime for Python 3.{minor}")
    return GLIBC[minor]


def _install(requirements: Path, root: Path, machine: str, glibc: int) -> None:
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(17, glibc + 1)] + [f"manylinux2014_{machine}"]
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--target", str(root), "--no-compile", "--only-binary=:all:", "--implementation", "cp"),
        *("--python-version", f"3.{sys.version_info.minor}"),
        *(argument for platform in platforms for argument in ("--platform", platform)),
        *("--requirement", str(requirements)),
    ]
    if subprocess.run(command, check=False).returncode:
        raise InfraError("pip couldn't install what requirements.txt lists, see above")


def _drop_unneeded(root: Path) -> None:
    unneeded = [path for pattern in UNNEEDED for path in root.glob(pattern)]
    unneeded += [path for path in (root / "botocore" / "data").iterdir() if path.is_dir() and path.name not in SERVICES]
    for path in unneeded:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _add_app(project: Path, root: Path) -> None:
    """Add the app, and of Chalice what runs in Lambda, as chalice.deploy.packager does."""
    for name in ("app.py", "chalicelib"):
        assert name in DEPLOYED
        source = project / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    (root / "chalice").mkdir()
    for name in ("__init__.py", "app.py"):
        shutil.copy(Path(chalice.__file__).with_name(name), root / "chalice" / name)


def _compile(root: Path) -> None:
    """Compile all sources, one after the other and with a fixed seed: the order of what was interned before, and
    that of a set's elements, show in the bytecode."""
    command = [
        *(sys.executable, "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(root), "-p", TASK, str(root)),
    ]
    if subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": "0"}, check=False).returncode:
        raise InfraError("a module can't be compiled, see above")


def _zip(root: Path, destination: Path) -> None:
    with zipfile.ZipFile(destination, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(root):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix())
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def _files(root: Path) -> Iterator[Path]:
    """Yield all files, in an order that is always the same."""
    yield from sorted(path for path in root.rglob("*") if path.is_file())
